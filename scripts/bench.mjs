// `pnpm bench NAME …`: builds what the benches need and runs benches/NAME/main.mjs with the remaining arguments.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, exitCode, main, root } from './process.mjs';
import { ensureBuildTools } from './setup.mjs';
import { turbo } from './turbo.mjs';

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  const benches = join(root, 'benches');
  const file = join(benches, name ?? '', 'main.mjs');
  if (!name || !existsSync(file)) {
    const names = readdirSync(benches).filter((each) =>
      existsSync(join(benches, each, 'main.mjs')),
    );
    throw new Failure(`usage: pnpm bench NAME [OPTIONS]; there are: ${names.join(', ')}`, 2);
  }
  await ensureBuildTools();
  const code = await turbo(['build'], ['--filter=@inos/benches...'], { output: 'stderr' });
  if (code !== 0) throw new Failure('the build failed: see above', code);
  process.exitCode = await exitCode(process.execPath, [file, ...args]);
});
