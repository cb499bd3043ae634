// How the packages are built without most of capnp-es: its generated code calls everything by one object, `utils`,
// so that no bundler sees what of it is never called. The SDK's build keeps what generated code and the kernel call;
// the capsules' builds take capnp-es from the SDK.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Options } from 'tsup';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/** The module that capsules take it from. */
const SHARED = fileURLToPath(new URL('src/capnp.ts', import.meta.url));

/** What the kernel and the schemas' generated code call of it. */
const CALLED = new Set([
  ...['adopt', 'copyFrom', 'disown', 'isNull', 'getPointer', 'getDataSection'],
  ...['getBit', 'getFloat32', 'getFloat64', 'getUint16', 'getUint32', 'getUint64'],
  ...['setBit', 'setFloat32', 'setFloat64', 'setUint16', 'setUint32', 'setUint64'],
  ...['getData', 'initData', 'getText', 'setText', 'getList', 'initList'],
  ...['getStruct', 'initStructAt'],
]);

/**
 * What opens packed messages, and framed ones (the end of the function that opens one, behind bare segments), what packs
 * them, and what shows them to people.
 */
const OTHER_FORMS = [
  /if \(packed\) \{\s+buf = unpack\(buf\);\s+\}/,
  /return \{\s+arena: new MultiSegmentArena\(getFramedSegments\(buf\)\),[^}]*\};/,
  /static dump = dump;/,
  /static toPackedArrayBuffer = toPackedArrayBuffer;/,
  /^ {2}dump\(\) \{\s+return dump\(this\);\s+\}/m,
  /^ {2}toPackedArrayBuffer\(\) \{\s+return toPackedArrayBuffer\(this\);\s+\}/m,
];

/** Classes: bundlers keep those that have static parts, although nobody names them. */
const CLASSES = /^class (\w+) extends (?:List|Pointer|Struct) \{\n[\s\S]*?^\}/gm;

/** What else is made when the module is loaded: lists, and what calls between machines need. */
const LISTS = /(?<== )PointerList\(\w+\)/g;
const REGISTRIES = /(?<== )globalThis\.FinalizationRegistry \? .*(?=;)/g;

/** Tells bundlers that making these does nothing else: they leave out what nobody names. */
function withPureMaking(path: string, source: string, patterns: readonly RegExp[]): string {
  return patterns.reduce((text, pattern) => {
    if (text.search(pattern) < 0) throw new Error(`${path} has nothing like ${pattern}`);
    const by = '/* @__PURE__ */ (() => $&)()';
    return text.replace(pattern, pattern === CLASSES ? `const $1 = ${by};` : by);
  }, source);
}

/** For the SDK: bundles capnp-es, less what nobody calls. */
export const pruneCapnp: Plugin = {
  name: 'prune-capnp',
  setup(build) {
    build.onLoad({ filter: /capnp-es\/dist\/index\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const object = /const utils = \{[^}]*\}/;
      if (!object.test(source)) throw new Error(`${path} has no object utils`);
      const made = withPureMaking(path, source, [CLASSES, LISTS, REGISTRIES]);
      const contents = made.replace(object, (text) =>
        text.replace(/^ +(\w+): \w+,?$/gm, (line, name: string) =>
          CALLED.has(name) || name === '__proto__' ? line : '',
        ),
      );
      return { contents, loader: 'js' };
    });
    // The kernel reads messages of one segment, bare: not packed, without framing.
    build.onLoad({ filter: /capnp-es\/dist\/shared\/[^/]+\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (source.includes('class Interface')) {
        return { contents: withPureMaking(path, source, [CLASSES]), loader: 'js' };
      }
      if (!source.includes('function initMessage')) return undefined;
      let contents = source;
      for (const form of OTHER_FORMS) {
        if (!form.test(contents)) throw new Error(`${path} opens messages in another way`);
        contents = contents.replace(form, '');
      }
      return { contents, loader: 'js' };
    });
  },
};

/** For capsules: takes capnp-es from the SDK, and sees that what they call is there. */
export const sharedCapnp: Plugin = {
  name: 'shared-capnp',
  setup(build) {
    build.onLoad({ filter: /\/generated\/\w+\.ts$/ }, async ({ path }) => {
      const contents = await readFile(path, 'utf8');
      for (const [, name = ''] of contents.matchAll(/\$\.utils\.(\w+)/g)) {
        if (!CALLED.has(name)) throw new Error(`${path} calls utils.${name}: list it in CALLED`);
      }
      const shared = await readFile(SHARED, 'utf8');
      for (const [, name = ''] of contents.matchAll(/\$\.(\w+)/g)) {
        if (!shared.includes(`  ${name},\n`))
          throw new Error(`${path} names ${name}: export it from ${SHARED}`);
      }
      return { contents, loader: 'ts' };
    });
    build.onResolve({ filter: /^capnp-es$/ }, () => ({
      path: '@inos/sdk/capnp',
      external: true,
      sideEffects: false,
    }));
  },
};
