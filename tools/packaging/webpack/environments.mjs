// webpack: the page's modules bundled, then served with the headers.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../../scripts/process.mjs';
import { versionOf } from '../dependencies.mjs';
import { outcomesOf } from '../page/outcomes.mjs';
import { ISOLATION, whileServing } from '../static-server.mjs';

/** Bundles the user's module and the one that tries everything. */
async function bundle(folder) {
  const { default: webpack } = await import('webpack');
  const { default: config } = await import(pathToFileURL(join(folder, 'webpack.config.js')).href);
  const entry = { main: config.entry, try: './try.js' };
  // webpack finds any file of more than 244 KiB too large, and a capsule's module may be: that is no fault.
  const performance = { hints: false };
  const stats = await new Promise((resolve, reject) => {
    webpack({ ...config, entry, performance, context: folder }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
  if (stats.hasErrors() || stats.hasWarnings()) {
    throw new Failure(stats.toString({ preset: 'errors-warnings' }));
  }
  cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
}

const version = versionOf('webpack');

export const webpacks = [
  {
    name: `webpack ${version.split('.')[0]}`,
    version,
    isThere: true,
    async try({ consumer, openPage }) {
      const folder = consumer(['page', 'webpack/consumer'], 'webpack');
      await bundle(folder);
      return whileServing(join(folder, 'dist'), ISOLATION, (address) =>
        outcomesOf(openPage, address),
      );
    },
  },
];
