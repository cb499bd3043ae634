/** Every fixed range of the shared memory by name, and where each table's last entry ends. */
import {
  CapsuleWords,
  Epochs,
  HeaderWords,
  JobWords,
  Layout,
  LedgerWords,
  Rings,
  RingWords,
  ThreadWords,
  Traces,
} from '../../src/generated/layout.js';
import { inboxOffset, outboxOffset } from '../../src/memory/layout.js';

/** A range of bytes in the shared memory with a name. */
export interface NamedRange {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Every fixed range of the memory, tables and their parts alike. For diagnostics and the layout's test. */
export function namedRanges(): readonly NamedRange[] {
  const ranges: NamedRange[] = [
    { name: 'header', offset: Layout.HEADER_OFFSET, bytes: Layout.HEADER_BYTES },
    { name: 'epochs', offset: Layout.EPOCHS_OFFSET, bytes: Layout.EPOCHS_BYTES },
    { name: 'capsules', offset: Layout.CAPSULES_OFFSET, bytes: Layout.CAPSULES_BYTES },
    { name: 'traces', offset: Layout.TRACES_OFFSET, bytes: Layout.TRACES_BYTES },
    {
      name: 'trace entries',
      offset: Layout.TRACE_ENTRIES_OFFSET,
      bytes: Layout.TRACE_ENTRIES_BYTES,
    },
    { name: 'ledger', offset: Layout.LEDGER_OFFSET, bytes: Layout.LEDGER_BYTES },
    { name: 'threads', offset: Layout.THREADS_OFFSET, bytes: Layout.THREADS_BYTES },
    { name: 'page table', offset: Layout.PAGE_TABLE_OFFSET, bytes: Layout.PAGE_TABLE_BYTES },
    {
      name: 'mining statics',
      offset: Layout.MINING_STATIC_OFFSET,
      bytes: Layout.MINING_STATIC_BYTES,
    },
    {
      name: 'physics statics',
      offset: Layout.PHYSICS_STATIC_OFFSET,
      bytes: Layout.PHYSICS_STATIC_BYTES,
    },
    {
      name: 'fixture statics',
      offset: Layout.FIXTURE_STATIC_OFFSET,
      bytes: Layout.FIXTURE_STATIC_BYTES,
    },
    {
      name: 'third-party statics',
      offset: Layout.THIRD_PARTY_STATIC_OFFSET,
      bytes: Layout.THIRD_PARTY_STATIC_BYTES,
    },
  ];
  const ringBytes = (capacity: number) => (RingWords.SLOTS + capacity * RingWords.SLOT_WORDS) * 4;
  for (let capsule = 0; capsule < Layout.MAXIMUM_CAPSULES; capsule++) {
    for (let priority = 0; priority < Rings.PRIORITIES; priority++) {
      ranges.push({
        name: `inbox ${capsule}.${priority}`,
        offset: inboxOffset(capsule, priority),
        bytes: ringBytes(Rings.INBOX_CAPACITY),
      });
    }
    ranges.push({
      name: `outbox ${capsule}`,
      offset: outboxOffset(capsule),
      bytes: ringBytes(Rings.OUTBOX_CAPACITY),
    });
  }
  return ranges;
}

/** The first byte behind each table's last entry, to compare with the table's size. */
export function tableEnds(): readonly {
  readonly name: string;
  readonly end: number;
  readonly bytes: number;
}[] {
  return [
    { name: 'header', end: (HeaderWords.NEXT_RUN_GENERATION + 1) * 4, bytes: Layout.HEADER_BYTES },
    {
      name: 'epochs',
      end: (Epochs.FIRST_CAPSULE_INDEX + Layout.MAXIMUM_CAPSULES) * Epochs.STRIDE_BYTES,
      bytes: Layout.EPOCHS_BYTES,
    },
    { name: 'an epoch', end: (Epochs.AWAKE + 1) * 4, bytes: Epochs.STRIDE_BYTES },
    {
      name: 'capsules',
      end: Layout.MAXIMUM_CAPSULES * CapsuleWords.STRIDE_BYTES,
      bytes: Layout.CAPSULES_BYTES,
    },
    {
      name: 'prices',
      end: (CapsuleWords.PRICES + Layout.MAXIMUM_METHODS * CapsuleWords.PRICE_STRIDE_WORDS) * 4,
      bytes: CapsuleWords.STRIDE_BYTES,
    },
    {
      name: 'ledger',
      end: (LedgerWords.ENTRIES + Layout.MAXIMUM_ACCOUNTS * LedgerWords.ENTRY_WORDS) * 4,
      bytes: Layout.LEDGER_BYTES,
    },
    {
      name: 'journal',
      end: LedgerWords.JOURNAL + LedgerWords.JOURNAL_LEGS * LedgerWords.JOURNAL_LEG_WORDS,
      bytes: LedgerWords.ENTRIES,
    },
    {
      name: 'threads',
      end: Layout.MAXIMUM_THREADS * ThreadWords.STRIDE_BYTES,
      bytes: Layout.THREADS_BYTES,
    },
    {
      name: 'panic text',
      end: ThreadWords.PANIC_TEXT * 4 + ThreadWords.PANIC_CAPACITY,
      bytes: ThreadWords.STRIDE_BYTES,
    },
    { name: 'page table', end: Layout.MAXIMUM_PAGES * 8, bytes: Layout.PAGE_TABLE_BYTES },
    { name: 'rings', end: Layout.MAXIMUM_CAPSULES * Rings.STRIDE_BYTES, bytes: Layout.RINGS_BYTES },
    {
      name: 'traces',
      end: (Traces.FIRST_CAPSULE_INDEX + Layout.MAXIMUM_CAPSULES) * Traces.STRIDE_BYTES,
      bytes: Layout.TRACES_BYTES,
    },
    {
      name: 'job error text',
      end: JobWords.ERROR_TEXT * 4 + JobWords.ERROR_CAPACITY,
      bytes: JobWords.BODY_OFFSET,
    },
  ];
}
