/**
 * Builds `@inos/sdk`: one entry for browsers, one for Node, the two workers that run capsules (loaded by
 * URL, so each is a file of its own), the schema's types and the Vite plugin. Shared code lands in chunks beside them.
 */
import { readFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';
import { pruneCapnp } from './capnp-plugin.js';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

const LAYOUT = new URL('src/generated/layout.ts', import.meta.url);

/**
 * Writes the layout's constants as the numbers they are: pages needn't load their names, nor hot paths look them
 * up. What the schema generates stays the only place where they are written.
 */
const inlineLayout: Plugin = {
  name: 'inline-layout',
  async setup(build) {
    const values = new Map<string, string>();
    let group = '';
    for (const line of (await readFile(LAYOUT, 'utf8')).split('\n')) {
      group = /^export class (\w+)/.exec(line)?.[1] ?? group;
      const [, name, value] = /static readonly (\w+) = (\w+);/.exec(line) ?? [];
      if (name !== undefined && value !== undefined) values.set(`${group}.${name}`, value);
    }
    build.onResolve({ filter: /generated\/layout\.js$/ }, () => ({
      path: LAYOUT.pathname,
      sideEffects: false,
    }));
    build.onLoad({ filter: /\/sdk\/src\/.*\.ts$/ }, async ({ path }) => {
      if (path.includes('/generated/')) return undefined;
      const source = await readFile(path, 'utf8');
      const contents = source.replace(
        /\b[A-Z]\w+\.[A-Z_0-9]+\b/g,
        (name) => values.get(name) ?? name,
      );
      return { contents, loader: 'ts' };
    });
  },
};

/** What all that is built has in common. */
const shared: Options = {
  platform: 'neutral',
  external: [/^node:/],
  noExternal: ['capnp-es'],
  // Some engines and bundlers know Node's modules only by that name.
  removeNodeProtocol: false,
  target: 'es2022',
  sourcemap: true,
  treeshake: true,
  esbuildPlugins: [inlineLayout, pruneCapnp],
};

const library: Options = {
  ...shared,
  entry: {
    index: 'src/index.ts',
    'index.node': 'src/index.node.ts',
    errors: 'src/errors.ts',
    schema: 'src/generated/job.ts',
    capnp: 'src/capnp.ts',
    // What is loaded when it is used: entries keep their names, where chunks get hashes that pages must load too.
    diagnosis: 'src/diagnosis/diagnosis.ts',
    'inspect.node': 'src/inspect.node.ts',
    enclose: 'src/capsule/isolation/enclose.ts',
    'leak-detector': 'src/memory/leak-detector.ts',
    'lone-worker': 'src/capsule/isolation/lone-worker.ts',
    progress: 'src/kernel/progress.ts',
    starter: 'src/capsule/starter.ts',
    tracer: 'src/kernel/trace/tracer.ts',
    trace: 'src/trace.ts',
    vite: 'src/vite/plugin.ts',
  },
  dts: {
    entry: {
      index: 'src/index.ts',
      'index.node': 'src/index.node.ts',
      errors: 'src/errors.ts',
      schema: 'src/generated/job.ts',
      capnp: 'src/capnp.ts',
      trace: 'src/trace.ts',
      vite: 'src/vite/plugin.ts',
    },
  },
  format: 'esm',
  splitting: true,
};

/** Workers load nothing but themselves: each file more that they import would delay a capsule's start. */
const worker: Options = {
  ...shared,
  entry: { worker: 'src/capsule/worker.ts' },
  format: 'esm',
  splitting: true,
};

const loneWorker: Options = {
  ...shared,
  entry: { 'worker-lone': 'src/capsule/worker-lone.ts' },
  format: 'esm',
  splitting: false,
};

/** Node takes longer to load modules than to run this one. */
const nodeWorker: Options = {
  ...shared,
  entry: { 'worker.node': 'src/capsule/worker.node.ts' },
  format: 'cjs',
  splitting: false,
};

export default defineConfig([library, worker, loneWorker, nodeWorker]);
