// `node scripts/stack-checks.mjs FROM TO`: what `inos capsule build` does last, for the repository's own capsules: copies
// a module and adds its stack checks. Functions' names, which an earlier step may need, are left out.
import { readFileSync, writeFileSync } from 'node:fs';
import { loadCapsuleCode } from './capsule-code.mjs';
import { isMain, main } from './process.mjs';

const CUSTOM_SECTION = 0;

function withoutNames({ concatenate, sectionsOf, sized, WasmReader }, bytes) {
  const isNames = ({ id, start }) =>
    id === CUSTOM_SECTION && new WasmReader(bytes, start).text() === 'name';
  const kept = sectionsOf(bytes).filter((section) => !isNames(section));
  const parts = kept.flatMap(({ id, start, end }) => sized(id, [bytes.subarray(start, end)]));
  return concatenate([bytes.subarray(0, 8), ...parts]);
}

if (isMain(import.meta)) {
  await main(async () => {
    const [from, to] = process.argv.slice(2);
    const code = await loadCapsuleCode('stack-checks', 'wasm-reader', 'wasm-writer');
    const bytes = withoutNames(code, new Uint8Array(readFileSync(from)));
    writeFileSync(to, code.addStackChecks(bytes).bytes);
  });
}
