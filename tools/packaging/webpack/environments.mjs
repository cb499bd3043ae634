// webpack: the page's modules bundled, for production and for development, then served with the headers.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../../scripts/process.mjs';
import { versionOf } from '../dependencies.mjs';
import { outcomesOf } from '../page/outcomes.mjs';
import { ISOLATION, whileServing } from '../static-server.mjs';

/** Bundles the user's module and the one that tries everything. */
async function bundle(folder, mode) {
  const { default: webpack } = await import('webpack');
  const { default: config } = await import(pathToFileURL(join(folder, 'webpack.config.js')).href);
  const entry = { main: config.entry, try: './try.js' };
  // webpack finds any file of more than 244 KiB too large, and a capsule's module may be: that is no fault.
  const performance = { hints: false };
  const stats = await new Promise((resolve, reject) => {
    webpack({ ...config, mode, entry, performance, context: folder }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
  if (stats.hasErrors() || stats.hasWarnings()) {
    throw new Failure(stats.toString({ preset: 'errors-warnings' }));
  }
  cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
}

const version = versionOf('webpack');

function environment(name, mode) {
  return {
    name,
    version,
    isThere: true,
    async try({ consumer, openPage }) {
      const folder = consumer(['page', 'webpack/consumer'], name);
      await bundle(folder, mode);
      return whileServing(join(folder, 'dist'), ISOLATION, (address) =>
        outcomesOf(openPage, address),
      );
    },
  };
}

const title = `webpack ${version.split('.')[0]}`;

export const webpacks = [
  environment(title, 'production'),
  environment(`${title}, development`, 'development'),
];
