// Builds the bench's capsule, once for each place where it is used: eight of it lie beside one another in a runtime.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CARGO = fileURLToPath(new URL('../../../scripts/cargo.mjs', import.meta.url));
const SLOTS = 8;

for (let slot = 0; slot < SLOTS; slot++) {
  const folder = slot === 0 ? 'benches/loop/wasm' : `benches/loop/wasm/${slot}`;
  const { status } = spawnSync(process.execPath, [CARGO, 'build-capsule', 'touch', folder], {
    stdio: 'inherit',
    env: { ...process.env, INOS_TOUCH_SLOT: String(slot) },
  });
  if (status !== 0) process.exit(status ?? 1);
}
