// The packed packages in Node: a program that imports them, the types that it is checked with, and the
// command-line tool by `npx`.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, capture, main, root, run, say } from '../../../scripts/process.mjs';
import { withConsumer } from '../pack.mjs';

const consumer = join(root, 'tools/packaging/node/consumer');

await main(() =>
  withConsumer(consumer, [], async (folder) => {
    await run(process.execPath, ['main.mjs'], { cwd: folder });

    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const types = join(root, 'node_modules/@types');
    await run(process.execPath, [tsc, '-p', '.', '--typeRoots', types], { cwd: folder });
    say("a strict TypeScript program compiles against the packages' types");

    const expected = createHash('sha256')
      .update(readFileSync(join(folder, 'main.mjs')))
      .digest('hex');
    const printed = capture('npx', ['--no', 'inos', 'hash', '--algorithm', 'sha256', 'main.mjs'], {
      cwd: folder,
      timeoutMs: 60_000,
    });
    if (printed !== `${expected}  main.mjs`) {
      throw new Failure(
        `npx inos hash printed ${printed ?? 'nothing'} instead of ${expected}  main.mjs`,
      );
    }
    say('npx inos hash agrees with node:crypto');
  }),
);
