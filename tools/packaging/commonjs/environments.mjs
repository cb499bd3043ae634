// CommonJS modules in Node, which load the packages by import().
import { output } from '../output.mjs';
import { requireHelloDigest } from '../hello.mjs';

export const commonjs = [
  {
    name: 'CommonJS, by `import()`',
    isThere: true,
    async try({ consumer }) {
      const cwd = consumer(['commonjs/consumer'], 'commonjs');
      requireHelloDigest(output(process.execPath, ['main.cjs'], { cwd }));
      return JSON.parse(output(process.execPath, ['try.cjs'], { cwd }));
    },
  },
];
