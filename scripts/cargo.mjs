// `node scripts/cargo.mjs …` is cargo, from the toolchain that can also build the capsules. Everything in the
// repository goes through here, so that one compiler builds everything once.
import { join } from 'node:path';
import { exitCode, isMain, main } from './process.mjs';
import { ensureLinters, ensureToolchain, toolchainEnvironment } from './toolchain.mjs';

/**
 * Runs cargo and resolves its exit code. Options are those of `exitCode`; `env` is added to the
 * toolchain's.
 */
export async function cargo(args, options = {}) {
  const linting = args[0] === 'clippy' || args[0] === 'fmt';
  const toolchain = await (linting ? ensureLinters() : ensureToolchain());
  const env = { ...toolchainEnvironment(toolchain), ...options.env };
  // cargo would take these from ~/.cargo/bin first, where rustup's shims mean another toolchain.
  const program = join(toolchain.bin, linting ? `cargo-${args[0]}` : 'cargo');
  return exitCode(program, args, { ...options, env });
}

if (isMain(import.meta)) {
  await main(async () => {
    process.exitCode = await cargo(process.argv.slice(2), { cwd: process.cwd() });
  });
}
