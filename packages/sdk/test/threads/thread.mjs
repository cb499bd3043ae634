// What the tests' threads do: each takes a task by its name, works on the shared memory and reports once.
import { parentPort, workerData } from 'node:worker_threads';
import { Epoch, Ledger, Ring, SafeSAB } from '@inos/sdk';

const { memory, task, options } = workerData;
const sab = SafeSAB.attach(memory);
const word = (byteOffset) => byteOffset / 4;
const epochAt = (byteOffset) => new Epoch(sab, word(byteOffset));

/** Numbers that look random and are the same in every run (D. H. Lehmer's generator). */
function numbers(seed) {
  let state = seed + 1;
  return (limit) => (state = (state * 48_271) % 2_147_483_647) % limit;
}

/** Pushes, asleep while the ring is full. */
function push(ring, epochs, offset, generation) {
  for (;;) {
    const seen = epochs.room.load();
    if (ring.push(offset, generation)) break;
    epochs.room.wait(seen);
  }
  epochs.items.bump();
}

/** Pops, asleep while the ring is empty. */
function pop(ring, epochs) {
  for (;;) {
    const seen = epochs.items.load();
    const entry = ring.pop();
    if (entry !== undefined) {
      epochs.room.bump();
      return entry;
    }
    epochs.items.wait(seen);
  }
}

const ringOf = ({ ring, capacity }) => new Ring(sab, ring, capacity);
const epochsOf = ({ items, room }) => ({ items: epochAt(items), room: epochAt(room) });

const tasks = {
  /** Answers each bump of one epoch with a bump of another. */
  pong({ ping, pong, turns }) {
    const [mine, theirs] = [epochAt(pong), epochAt(ping)];
    for (let turn = 0; turn < turns; turn++) {
      while (theirs.load() === turn) theirs.wait(turn);
      mine.bump(Infinity);
    }
    return theirs.load();
  },

  /** Bumps one epoch and waits for the answer in another. */
  ping({ ping, pong, turns }) {
    const [mine, theirs] = [epochAt(ping), epochAt(pong)];
    for (let turn = 0; turn < turns; turn++) {
      mine.bump(Infinity);
      while (theirs.load() === turn) theirs.wait(turn);
    }
    return theirs.load();
  },

  /** Sleeps until an epoch has moved on from 0. */
  sleep({ epoch }) {
    while (epochAt(epoch).load() === 0) epochAt(epoch).wait(0);
    return 'awake';
  },

  produce({ producer, entries, ...shared }) {
    for (let entry = 0; entry < entries; entry++) {
      push(ringOf(shared), epochsOf(shared), producer, entry);
    }
  },

  /** Takes entries until one is told to be the last. */
  consume({ last, ...shared }) {
    const taken = [];
    for (;;) {
      const { offset, generation } = pop(ringOf(shared), epochsOf(shared));
      if (offset === last) return taken;
      taken.push([offset, generation]);
    }
  },

  /** Moves credits about; says how often it was refused. */
  move({ seed, turns, accounts, reservation }) {
    const ledger = new Ledger(sab);
    const words = sab.view(Uint32Array, reservation, 2);
    const aside = { words, word: 0, offset: reservation };
    const random = numbers(seed);
    const account = () => 1 + random(accounts);
    let refused = 0;
    for (let turn = 0; turn < turns; turn++) {
      const payer = account();
      try {
        ledger.transfer(account(), account(), random(2000));
        ledger.reserve(payer, random(500), aside);
      } catch (error) {
        if (error.code !== 'credits/insufficient') throw error;
        refused++;
        continue;
      }
      ledger.settle(payer, account(), aside, random(600));
    }
    return refused;
  },

  /** Reads the ledger's sum until told to stop; says how often, and how often it was another. */
  read({ stop, total }) {
    const ledger = new Ledger(sab);
    const words = sab.view(Int32Array, stop, 1);
    let [reads, wrong] = [0, 0];
    while (Atomics.load(words, 0) === 0) {
      if (ledger.total() !== total) wrong++;
      reads++;
    }
    return { reads, wrong };
  },

  /** Allocates arrays that say which they are. */
  allocate({ lengths, mark }) {
    return lengths.map((length) => sab.alloc(Uint8Array, length).fill(mark).byteOffset);
  },

  /** Frees arrays by their offsets; says how many others had freed before. */
  free({ offsets }) {
    return offsets.filter((offset) => !sab.arena.free(offset)).length;
  },

  /** Allocates and frees again and again; says how often an array's content was not its own. */
  churn({ seed, turns, mark }) {
    const random = numbers(seed);
    const live = [];
    let spoilt = 0;
    const end = (view) => {
      if (view.some((byte) => byte !== mark)) spoilt++;
      sab.free(view);
    };
    for (let turn = 0; turn < turns; turn++) {
      if (live.length > 20 || (live.length > 0 && random(2) === 0)) {
        end(...live.splice(random(live.length), 1));
      } else {
        const length = [1, 100, 5000, 70_000, 200_000][random(5)];
        live.push(sab.alloc(Uint8Array, length, { zeroed: false }).fill(mark));
      }
    }
    live.forEach(end);
    return spoilt;
  },
};

parentPort.postMessage(tasks[task](options));
