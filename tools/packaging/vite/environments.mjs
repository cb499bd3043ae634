// Vite with the packages' plugin: what `vite dev` serves, and what `vite build` makes and `vite preview` serves.
import { join } from 'node:path';
import { versionOf } from '../dependencies.mjs';
import { outcomesOf } from '../page/outcomes.mjs';

const LISTEN = { host: '127.0.0.1', port: 0 };

function optionsFor(root) {
  // Development and production don't meet in one process for users.
  return { root, configFile: join(root, 'vite.config.js'), logLevel: 'warn' };
}

/** Two environments for one Vite: development and production. */
function environmentsOf(name) {
  const version = versionOf(name);
  const title = `Vite ${version.split('.')[0]}`;
  const environment = (mode, attempt) => ({
    name: `${title}, ${mode}`,
    version,
    isThere: true,
    async try({ consumer, openPage }) {
      const folder = consumer(['page', 'vite/consumer'], `${name} ${mode}`);
      const server = await attempt(await import(name), optionsFor(folder));
      try {
        const [address] = server.resolvedUrls.local;
        return await outcomesOf(openPage, address);
      } finally {
        await server.close();
      }
    },
  });
  return [
    environment('dev', async ({ createServer }, options) => {
      const server = await createServer({ ...options, server: LISTEN });
      return server.listen();
    }),
    environment('build and preview', async ({ build, preview }, options) => {
      await build(options);
      return preview({ ...options, preview: LISTEN });
    }),
  ];
}

/** The Vites that are tried. */
export const vites = [...environmentsOf('vite'), ...environmentsOf('vite-8')];
