/** An independent solver of small challenges: tries one number after the other with @noble/hashes. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { hexOf } from './vectors.js';

/** The lowest number whose digits, behind the text, make a digest that qualifies. */
export function firstNumber(text: string, qualifies: (hex: string) => boolean, most = 1e6): number {
  for (let number = 0; number <= most; number++) {
    if (qualifies(hexOf(sha256(utf8ToBytes(text + String(number)))))) return number;
  }
  throw new Error(`none of the first ${most} numbers`);
}

/** Solves one of our own challenges: the digest of the whole stamp must be low enough. */
export function solveStamp(challenge: string): string {
  const difficulty = BigInt(challenge.split('.')[1] ?? '');
  const target = (1n << 256n) / difficulty - 1n;
  return `${challenge}.${firstNumber(`${challenge}.`, (hex) => BigInt(`0x${hex}`) <= target)}`;
}

/** Solves a challenge of ALTCHA's version 1: the digest must be the one given. */
export function solveAltcha(challenge: { salt: string; challenge: string }): string {
  const number = firstNumber(challenge.salt, (hex) => hex === challenge.challenge);
  return btoa(JSON.stringify({ ...challenge, number }));
}
