/**
 * Features: which corner, edge or face of a shape is meant.
 */
import { QueryHit } from './generated/physics.js';

/** A corner, edge or face of a shape, numbered as the shape does. */
export interface Feature {
  readonly type: 'vertex' | 'edge' | 'face' | 'unknown';
  /** `undefined` if it isn't known. */
  readonly id: number | undefined;
}

const TYPES = ['vertex', 'edge', 'face', 'unknown'] as const;

/** The feature that a word stands for. */
export function featureOf(word: number): Feature {
  const type = TYPES[word >>> QueryHit.FEATURE_SHIFT] ?? 'unknown';
  const id = type === 'unknown' ? undefined : word & ((1 << QueryHit.FEATURE_SHIFT) - 1);
  return { type, id };
}
