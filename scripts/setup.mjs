// `npm run setup`: installs what building needs, and nothing else: pnpm, the packages, Rust.
import { isMain, main, say } from './process.mjs';
import { ensureModules } from './pnpm.mjs';
import { ensureToolchain } from './toolchain.mjs';

/** Everything that `pnpm build` needs. */
export async function ensureBuildTools() {
  // Both mostly wait for the network, each with tools of its own.
  await Promise.all([ensureModules(), ensureToolchain()]);
}

if (isMain(import.meta)) {
  await main(async () => {
    await ensureBuildTools();
    say('ready: npm run demo, npm test, pnpm check');
  });
}
