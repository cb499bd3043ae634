@0xb8f1c0de5ab10001;
# The shared memory, word by word. This file is the only place where an offset, a size, an index or a
# state number is written; TypeScript and Rust are generated from it (`pnpm schema`).
#
# Constants sit inside structs because capnp-es drops file-scope constants. Offsets and sizes are bytes
# unless a name ends in Word (an index of u32 words from the start of the thing described) or Page
# (a count of 64 KiB WebAssembly pages).


struct Layout {
  const magic :UInt32 = 0x534f4e49;              # "INOS" in little-endian bytes
  const version :UInt32 = 3;

  const pageBytes :UInt32 = 65536;
  const maximumPages :UInt32 = 65536;            # 4 GiB, what a 32-bit memory can address

  # The first 4 KiB stay unused, so that a null or a small stray offset never names anything.
  const headerOffset :UInt32 = 0x1000;
  const headerBytes :UInt32 = 0x1000;
  const epochsOffset :UInt32 = 0x2000;
  const epochsBytes :UInt32 = 0x1000;
  const capsulesOffset :UInt32 = 0x3000;
  const capsulesBytes :UInt32 = 0x4000;
  const ledgerOffset :UInt32 = 0x8000;
  const ledgerBytes :UInt32 = 0x8000;
  const threadsOffset :UInt32 = 0x10000;
  const threadsBytes :UInt32 = 0x20000;
  const pageTableOffset :UInt32 = 0x40000;
  const pageTableBytes :UInt32 = 0x80000;
  const ringsOffset :UInt32 = 0x100000;
  const ringsBytes :UInt32 = 0x200000;
  const traceEntriesOffset :UInt32 = 0x300000;
  const traceEntriesBytes :UInt32 = 0x100000;

  # Static regions of capsules: where a module's data segments are linked (`--global-base`).
  const staticOffset :UInt32 = 0x400000;
  const miningStaticOffset :UInt32 = 0x400000;
  const miningStaticBytes :UInt32 = 0x100000;
  const physicsStaticOffset :UInt32 = 0x500000;
  const physicsStaticBytes :UInt32 = 0x200000;
  const fixtureStaticOffset :UInt32 = 0x1300000; # the capsule that tests misbehave with
  const fixtureStaticBytes :UInt32 = 0x100000;
  # Capsules from outside this repository link anywhere in here; the loader refuses overlaps.
  const thirdPartyStaticOffset :UInt32 = 0x1400000;
  const thirdPartyStaticBytes :UInt32 = 0xc00000;

  # Everything from here to the end of memory is handed out by the page table.
  const arenaOffset :UInt32 = 0x2000000;

  const maximumCapsules :UInt32 = 16;
  const maximumThreads :UInt32 = 128;
  const maximumAccounts :UInt32 = 512;
  const maximumMethods :UInt32 = 32;             # per capsule
}

struct HeaderWords {
  const magic :UInt32 = 0;
  const version :UInt32 = 1;
  const maximumPages :UInt32 = 2;                # of this memory: its `maximum`
  const memoryPages :UInt32 = 3;                 # at least this many exist; raised after each grow
  const touchedPages :UInt32 = 4;                # pages below this may hold old bytes, those above are zero
  const nextRunGeneration :UInt32 = 5;
  const traceCapacity :UInt32 = 16;              # entries per trace ring; 0: nobody traces
  const traceTail :UInt32 = 17;                  # of the host's ring, see TraceRings
}

struct Epochs {
  # Each epoch has a cache line of its own, so that a signal moves one line from core to core. The host's
  # comes first, then one inbox epoch per capsule.
  const strideBytes :UInt32 = 64;
  const hostIndex :UInt32 = 0;
  const firstCapsuleIndex :UInt32 = 1;
  const value :UInt32 = 0;
  const sleepers :UInt32 = 1;                    # threads in, or about to enter, an atomic wait
  const awake :UInt32 = 2;                       # the host's only: 1 while it looks for an answer without sleeping
}

struct CapsuleWords {
  const strideBytes :UInt32 = 1024;
  const state :UInt32 = 0;                       # see CapsuleState
  const generation :UInt32 = 1;                  # grows with every restart
  const stop :UInt32 = 2;                        # see CapsuleStop
  const spinners :UInt32 = 3;                    # threads spinning; at most one does
  const staticOffset :UInt32 = 4;
  const staticBytes :UInt32 = 5;
  const quotaPages :UInt32 = 6;                  # most pages its heap and stacks may own
  const ownedPages :UInt32 = 7;
  const methods :UInt32 = 8;                     # entries of the price table in use
  const operatorAccount :UInt32 = 9;             # who earns what its jobs are charged
  const prices :UInt32 = 16;                     # the price table starts at this word
  const priceStrideWords :UInt32 = 6;            # base u64, price u64, units u64: base + ceil(n * price / units)
  const priceBase :UInt32 = 0;
  const pricePrice :UInt32 = 2;
  const priceUnits :UInt32 = 4;
}

struct CapsuleState {
  const absent :UInt32 = 0;
  const ready :UInt32 = 1;
  const failed :UInt32 = 2;
}

struct CapsuleStop {
  # When a capsule's threads leave their loop.
  const never :UInt32 = 0;
  const now :UInt32 = 1;                         # when they next look
  const whenIdle :UInt32 = 2;                    # when no job waits; they may enter it again
}

struct ThreadWords {
  const strideBytes :UInt32 = 1024;
  const state :UInt32 = 0;                       # see ThreadState
  const capsule :UInt32 = 1;
  const job :UInt32 = 2;                         # offset of the record it works on, or 0
  const stackLow :UInt32 = 3;                    # lowest address of its stack; a guard value lies below it
  const panicBytes :UInt32 = 4;                  # length of the panic message below, 0 if none
  const traceTail :UInt32 = 5;                   # of its ring, see TraceRings; goes on with the next thread of that number
  const panicText :UInt32 = 16;                  # UTF-8, at most panicCapacity bytes
  const panicCapacity :UInt32 = 960;
  const stackGuard :UInt32 = 0x57acc0de;
  const stackGuardWords :UInt32 = 16;
}

struct ThreadState {
  const absent :UInt32 = 0;
  const running :UInt32 = 1;
  const left :UInt32 = 2;
}

struct PageWords {
  # Two words a page. `entry` is 0 for a free page, else generation << 16 | kind << 8 | owner.
  # `link` of a run's head is its length in pages, that of its other pages is the head's page number.
  const strideBytes :UInt32 = 8;
  const entry :UInt32 = 0;
  const link :UInt32 = 1;
  const ownerArena :UInt32 = 0xf0;               # owners 1 to maximumCapsules are capsules (index + 1)
  const ownerSystem :UInt32 = 0xff;              # the tables and static regions
  const kindBody :UInt32 = 1;
  const kindHead :UInt32 = 2;
  const kindSlab :UInt32 = 3;                    # kindSlab + k: a page of slots of 64 << k bytes
  const slabClasses :UInt32 = 9;                 # 64 B to 16 KiB; what is larger takes whole pages
  const slabSmallestBytes :UInt32 = 64;
  const slabHeaderBytes :UInt32 = 128;           # one bit a slot, at the page's start: 1 = taken
}

struct RingWords {
  # A bounded multi-producer multi-consumer queue (Vyukov): head and tail on cache lines of their own.
  const tail :UInt32 = 0;
  const head :UInt32 = 16;
  const slots :UInt32 = 32;
  const slotWords :UInt32 = 4;
  const slotSequence :UInt32 = 0;
  const slotOffset :UInt32 = 1;
  const slotGeneration :UInt32 = 2;
}

struct Rings {
  # Per capsule: one inbox for each priority, then one outbox that holds all they could.
  const strideBytes :UInt32 = 0x20000;
  const priorities :UInt32 = 3;                  # 0 high, 1 normal, 2 low
  const inboxCapacity :UInt32 = 1024;
  const inboxStrideBytes :UInt32 = 0x4080;
  const outboxOffset :UInt32 = 0xc180;
  const outboxCapacity :UInt32 = 4096;
}

struct TraceRings {
  # What runtimes that trace note: a ring of entries for the host and one for each thread, each with a single writer
  # and of the same capacity, a power of two. Ring i begins at traceEntriesOffset + i * capacity * the entry's
  # strideBytes. Its tail counts the entries ever written, and wraps; only the newest, less one, can be read.
  const hostRing :UInt32 = 0;
  const firstThreadRing :UInt32 = 1;
}

struct TraceEntryWords {
  const strideBytes :UInt32 = 32;
  const what :UInt32 = 0;                        # kind | state << 4 | capsule << 8 | thread << 16 | method << 24
  const job :UInt32 = 1;                         # its number
  const time :UInt32 = 2;                        # f64: milliseconds since the runtime began
  const units :UInt32 = 4;                       # u64, or what the kind says
  const reserved :UInt32 = 4;                    # f64, of executed: when the job's credits were reserved, or 0
  const elapsed :UInt32 = 6;                     # of executed: nanoseconds until the job was answered, or 0
  const unlooked :UInt32 = 1;                    # as the state of a thread's entry: its time is that of an earlier one
  const long :UInt32 = 2;                        # as that of executed: the time since the last look is this job's alone
  const kindMask :UInt32 = 0xf;
  const stateShift :UInt32 = 4;
  const capsuleShift :UInt32 = 8;
  const threadShift :UInt32 = 16;
  const methodShift :UInt32 = 24;
}

struct TraceKind {
  const queued :UInt32 = 1;                      # by the host: the job is in its ring or its backlog
  const started :UInt32 = 2;                     # by a thread: it has the job
  const executed :UInt32 = 3;                    # by a thread: its part is done
  const idle :UInt32 = 4;                        # by a thread whose last entries' time was that of earlier ones
  const settled :UInt32 = 5;                     # by the host
  const crashed :UInt32 = 6;                     # by the host: the capsule died at this job; units: crashes in a row
  const ready :UInt32 = 7;                       # by the host: all its threads are in their loops; units: which life
  const givenUp :UInt32 = 8;                     # by the host
  const omitted :UInt32 = 9;                     # by the host; units: jobs that it left out since it last said so
}

struct LedgerWords {
  const lock :UInt32 = 0;                        # 0, or the holder: 1 + thread, or hostHolder
  const sequence :UInt32 = 1;                    # odd while a transaction is being applied
  const accounts :UInt32 = 2;                    # how many are open
  const journalLength :UInt32 = 3;               # legs below that must be undone if the holder died
  const journal :UInt32 = 4;                     # legs: offset, old low word, old high word
  const journalLegWords :UInt32 = 3;
  const journalLegs :UInt32 = 8;
  const entries :UInt32 = 64;                    # accounts start at this word
  const entryWords :UInt32 = 8;                  # available u64, reserved u64, the rest is spare
  const entryAvailable :UInt32 = 0;
  const entryReserved :UInt32 = 2;
  const treasury :UInt32 = 0;                    # account 0 holds what nobody owns
  const hostHolder :UInt32 = 0xffff;
  const totalMicroCredits :UInt64 = 9007199254740991;   # 2^53 - 1: what all accounts hold together, for ever
}

struct JobWords {
  # A job's record: these words, its error text, then request, output and result, in one allocation. The first cache
  # line is what both sides write and the host reads at the job's end, the second what the host writes, the third for
  # methods with several threads and for failures.
  const control :UInt32 = 0;                     # generation << 16 | participants << 8 | state
  const stop :UInt32 = 1;                        # see StopReason
  const tickets :UInt32 = 2;                     # ring entries that still name this record
  const outcome :UInt32 = 3;                     # the JobState it will end in, set once
  const stampWoke :UInt32 = 4;                   # f64, as the next two stamps: milliseconds, 0 if nobody gave a clock
  const heartbeat :UInt32 = 6;                   # grows whenever a thread at work shows that it isn't stuck
  const progress :UInt32 = 7;                    # parts per million
  const units :UInt32 = 8;                       # u64, charged so far
  const reserved :UInt32 = 10;                   # u64, written only by the ledger
  const stampReserved :UInt32 = 12;
  const stampFinished :UInt32 = 14;
  const budget :UInt32 = 16;                     # u64, the most it may reserve
  const minimum :UInt32 = 18;                    # u64, below which it isn't worth starting
  const account :UInt32 = 20;
  const threads :UInt32 = 21;                    # how many may work on it together
  const requestOffset :UInt32 = 22;              # from the record's start, as the next four
  const requestBytes :UInt32 = 23;
  const outputOffset :UInt32 = 24;
  const outputBytes :UInt32 = 25;
  const resultOffset :UInt32 = 26;
  const resultCapacity :UInt32 = 27;
  const resultBytes :UInt32 = 28;                # written by the capsule; 0: no result message
  const method :UInt32 = 29;
  const capsule :UInt32 = 30;
  const number :UInt32 = 31;                     # of the job in its runtime; 0: nothing of it is traced
  const cursor :UInt32 = 32;                     # u64, next piece of work for parallel methods
  const shared :UInt32 = 34;                     # u64, a word that a parallel method's threads share
  const errorCode :UInt32 = 36;
  const errorBytes :UInt32 = 37;
  const headBytes :UInt32 = 160;
  const errorText :UInt32 = 40;                  # UTF-8 from this word, at most errorCapacity bytes
  const errorCapacity :UInt32 = 224;
  const bodyOffset :UInt32 = 384;
  const controlStateMask :UInt32 = 0xff;
  const controlParticipant :UInt32 = 0x100;
  const controlParticipantsMask :UInt32 = 0xff00;
  const controlGenerationShift :UInt32 = 16;
}

struct JobState {
  const free :UInt32 = 0;
  const queued :UInt32 = 1;
  const running :UInt32 = 2;
  const done :UInt32 = 3;
  const failed :UInt32 = 4;
  const cancelled :UInt32 = 5;
  const expired :UInt32 = 6;
  const outOfBudget :UInt32 = 7;
}

struct StopReason {
  const none :UInt32 = 0;
  const cancelled :UInt32 = 5;                   # the same numbers as the states they lead to
  const expired :UInt32 = 6;
}

struct FailureCode {
  # errorCode of a failed job. From firstCapsuleCode on, the numbers are the capsule's own.
  const malformedRequest :UInt32 = 1;
  const unknownMethod :UInt32 = 2;
  const regionOutOfBounds :UInt32 = 3;
  const insufficientCredits :UInt32 = 4;
  const budgetTooSmall :UInt32 = 5;
  const resultTooLarge :UInt32 = 6;
  const badLedger :UInt32 = 7;
  const firstCapsuleCode :UInt32 = 256;
}
