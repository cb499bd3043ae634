/** Gives the next number from 0 to 1: xorshift32. The seed isn't 0. */
export declare function numbersFrom(seed: number): () => number;
