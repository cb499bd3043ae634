// `npm run demo`: builds the command-line tool and what it needs, then runs `inos demo` with the arguments
// given. Only the demo itself writes to stdout, so `npm run demo -- --json` can be piped.
import { join } from 'node:path';
import { Failure, exitCode, main, root, say } from './process.mjs';
import { ensureBuildTools } from './setup.mjs';
import { turbo } from './turbo.mjs';

await main(async () => {
  const started = Date.now();
  await ensureBuildTools();
  say(
    'building @inos/sdk, @inos/mining and @inos/cli (what did not change is taken from the cache)',
  );
  const code = await turbo(['build'], ['--filter=@inos/cli...'], { output: 'stderr' });
  if (code !== 0) throw new Failure('the build failed: see above', code);
  say(`built after ${((Date.now() - started) / 1000).toFixed(1)} s; running: inos demo`);

  const program = join(root, 'packages/cli/dist/main.js');
  // File names mean what they mean where the user is, not here.
  const cwd = process.env.INIT_CWD ?? root;
  process.exitCode = await exitCode(process.execPath, [program, 'demo', ...process.argv.slice(2)], {
    cwd,
  });
});
