/**
 * The layout of the shared memory, as generated from `schemas/layout.capnp`, and the few sums over it
 * that every reader needs. Numbers are bytes unless their name ends in `Word` or `Page`.
 */
import { CapsuleWords, Epochs, Layout, Rings, ThreadWords, Traces } from '../generated/layout.js';

export {
  CapsuleState,
  CapsuleStop,
  CapsuleWords,
  Epochs,
  FailureCode,
  HeaderWords,
  JobState,
  JobWords,
  Layout,
  LedgerWords,
  PageWords,
  Rings,
  RingWords,
  StopReason,
  ThreadState,
  ThreadWords,
  TraceEntryWords,
  TraceKind,
  Traces,
} from '../generated/layout.js';

/** The most threads that the capsules of a runtime may have together. */
export const MAXIMUM_THREADS = Layout.MAXIMUM_THREADS;

/** A static region: where a capsule's module is linked (`--global-base`), and how much room it has there. */
export interface StaticRegion {
  readonly offset: number;
  readonly bytes: number;
}

/** The static regions that the layout gives to capsules; those from elsewhere lie inside `thirdParty`. */
export const STATIC_REGIONS = {
  mining: { offset: Layout.MINING_STATIC_OFFSET, bytes: Layout.MINING_STATIC_BYTES },
  physics: { offset: Layout.PHYSICS_STATIC_OFFSET, bytes: Layout.PHYSICS_STATIC_BYTES },
  fixture: { offset: Layout.FIXTURE_STATIC_OFFSET, bytes: Layout.FIXTURE_STATIC_BYTES },
  thirdParty: { offset: Layout.THIRD_PARTY_STATIC_OFFSET, bytes: Layout.THIRD_PARTY_STATIC_BYTES },
} as const satisfies Readonly<Record<string, StaticRegion>>;

/** Index, in u32 words, of a word of the header. */
export function headerWord(word: number): number {
  return Layout.HEADER_OFFSET / 4 + word;
}

/** Index, in u32 words, of capsule `index`'s entry. */
export function capsuleWord(index: number): number {
  return (Layout.CAPSULES_OFFSET + index * CapsuleWords.STRIDE_BYTES) / 4;
}

/** Index, in u32 words, of thread `index`'s block. */
export function threadWord(index: number): number {
  return (Layout.THREADS_OFFSET + index * ThreadWords.STRIDE_BYTES) / 4;
}

/** Index, in u32 words, of the epoch that capsules bump for the host. */
export function hostEpochWord(): number {
  return (Layout.EPOCHS_OFFSET + Epochs.HOST_INDEX * Epochs.STRIDE_BYTES) / 4;
}

/** Index, in u32 words, of capsule `index`'s inbox epoch. */
export function inboxEpochWord(index: number): number {
  return (Layout.EPOCHS_OFFSET + (Epochs.FIRST_CAPSULE_INDEX + index) * Epochs.STRIDE_BYTES) / 4;
}

/** Index, in u32 words, of the head of trace ring `ring`: the host's is the first, capsules' follow. */
export function traceWord(ring: number): number {
  return (Layout.TRACES_OFFSET + ring * Traces.STRIDE_BYTES) / 4;
}

/** Byte offset of capsule `index`'s inbox ring for `priority` (0 is the highest). */
export function inboxOffset(index: number, priority: number): number {
  return Layout.RINGS_OFFSET + index * Rings.STRIDE_BYTES + priority * Rings.INBOX_STRIDE_BYTES;
}

/** Byte offset of capsule `index`'s outbox ring. */
export function outboxOffset(index: number): number {
  return Layout.RINGS_OFFSET + index * Rings.STRIDE_BYTES + Rings.OUTBOX_OFFSET;
}
