// TypeScript without help from this repository's configuration: programs are compiled against the packages' types, as
// strictly as can be, by both ways in which modules are resolved today; what comes out is run.
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES, versionOf } from '../dependencies.mjs';
import { requireHelloDigest } from '../hello.mjs';
import { output } from '../output.mjs';

const TSC = join(MODULES, 'typescript/bin/tsc');

const STRICT = {
  target: 'ES2022',
  lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  outDir: 'out',
};

function environment(moduleResolution, options) {
  return {
    name: `TypeScript, \`moduleResolution\` ${moduleResolution}`,
    version: versionOf('typescript'),
    isThere: true,
    async try({ consumer }) {
      const cwd = consumer(['typescript/consumer'], `typescript ${moduleResolution}`);
      for (const name of ['@types', 'vite']) {
        symlinkSync(join(MODULES, name), join(cwd, 'node_modules', name));
      }
      const compilerOptions = { ...STRICT, ...options, moduleResolution };
      const files = ['main.ts', 'types.ts', 'vite.config.ts'];
      writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
      output(process.execPath, [TSC, '-p', '.'], { cwd });
      requireHelloDigest(output(process.execPath, ['out/main.js'], { cwd }));
      return { job: 'ok' };
    },
  };
}

export const typescripts = [
  environment('node16', { module: 'Node16' }),
  environment('bundler', { module: 'ESNext' }),
];
