// webpack: the page's modules bundled, for production and for development, then served with the headers; and what
// `webpack serve` serves.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../../../scripts/process.mjs';
import { versionOf } from '../dependencies.mjs';
import { outcomesOf } from '../page/outcomes.mjs';
import { ISOLATION, whileServing } from '../static-server.mjs';

/** webpack with the user's configuration, for the user's module and the one that tries everything. */
async function compilerOf(folder, mode) {
  const { default: webpack } = await import('webpack');
  const { default: config } = await import(pathToFileURL(join(folder, 'webpack.config.js')).href);
  const entry = { main: config.entry, try: './try.js' };
  // webpack finds any file of more than 244 KiB too large, and a capsule's module may be: that is no fault.
  const performance = { hints: false };
  const quiet = { stats: 'none', infrastructureLogging: { level: 'error' } };
  return webpack({ ...config, ...quiet, mode, entry, performance, context: folder });
}

/** Refuses what webpack complains of. */
function requireClean(stats) {
  if (stats.hasErrors() || stats.hasWarnings()) {
    throw new Failure(stats.toString({ preset: 'errors-warnings' }));
  }
}

async function bundle(folder, mode) {
  const compiler = await compilerOf(folder, mode);
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)));
  });
  requireClean(stats);
  await new Promise((resolve) => compiler.close(resolve));
  cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
}

/** Serves as `webpack serve` does while `work` runs, which is given the address. */
async function whileDeveloping(folder, work) {
  const { default: Server } = await import('webpack-dev-server');
  const compiler = await compilerOf(folder, 'development');
  const options = { ...compiler.options.devServer, host: '127.0.0.1', port: 0 };
  const server = new Server(options, compiler);
  const built = new Promise((resolve) => compiler.hooks.done.tap('packaging', resolve));
  await server.start();
  try {
    requireClean(await built);
    return await work(`http://127.0.0.1:${server.server.address().port}/`);
  } finally {
    await server.stop();
  }
}

const version = versionOf('webpack');
const title = `webpack ${version.split('.')[0]}`;

function environment(name, attempt) {
  return {
    name,
    version,
    isThere: true,
    async try({ consumer, openPage }) {
      const folder = consumer(['page', 'webpack/consumer'], name);
      return attempt(folder, (address) => outcomesOf(openPage, address));
    },
  };
}

const bundled = (mode) => async (folder, work) => {
  await bundle(folder, mode);
  return whileServing(join(folder, 'dist'), ISOLATION, work);
};

export const webpacks = [
  environment(title, bundled('production')),
  environment(`${title}, development`, bundled('development')),
  environment(`${title}, dev server`, whileDeveloping),
];
