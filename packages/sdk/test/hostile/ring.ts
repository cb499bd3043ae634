/** A ring whose words say anything, and change while it is used: every step ends, and soon. */
import { Ring } from '@inos/sdk';
import { Layout, RingWords } from '../../src/memory/layout.js';
import { Input, readChanges } from './input.js';
import { freshMemory, words } from './memory.js';
import { takeWritten, watch } from './watched.js';

const MOST_STEPS = 32;
/** Accesses of one push or take that nothing disturbs, and the same for each change. */
const ACCESSES_PER_TRY = 8;

export function ring(bytes: Uint8Array): void {
  const input = new Input(bytes);
  const sab = freshMemory();
  const capacity = 2 << input.below(4);
  const start = Layout.RINGS_OFFSET / 4;
  const length = Ring.bytes(capacity) / 4;
  const plain = words();
  for (const word of [RingWords.TAIL, RingWords.HEAD]) plain[start + word] = input.word();
  const ring = new Ring(sab, Layout.RINGS_OFFSET, capacity);
  for (let count = input.below(24); count > 0; count--) {
    plain[start + RingWords.SLOTS + input.below(length - RingWords.SLOTS)] = input.word();
  }
  const changes = readChanges(input);
  const most = ACCESSES_PER_TRY * (1 + changes.count);
  for (let step = 0; step < MOST_STEPS && !input.isEmpty; step++) {
    const [isPush, offset, generation] = [input.isSet(), input.word(), input.word()];
    const accesses = watch(changes.hook, () => {
      if (isPush) ring.push(offset, generation);
      else ring.take();
    });
    if (accesses > most) throw new Error(`${accesses} accesses for one step`);
    if (!(ring.length <= capacity)) throw new Error(`a length of ${ring.length}`);
    for (const at of takeWritten()) {
      const isOwn = at >= start * 4 && at < (start + length) * 4;
      if (!isOwn) throw new Error(`${at} was written`);
    }
  }
}
