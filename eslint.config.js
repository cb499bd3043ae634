// Lint rules of the whole repository: typescript-eslint's strict, type-checked set, and the import rules
// that keep the architecture's arrows pointing one way (ARCHITECTURE.md). Formatting is Prettier's.
import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/** The layers of @inos/sdk from the bottom up; each may import those before it. */
const SDK_LAYERS = [['memory'], ['signals'], ['kernel', 'credits', 'identity'], ['capsule']];

/** Files that wrap the Cap'n Proto encoding; nobody else names it. */
const CAPNP_FILES = [
  'packages/*/src/generated/**',
  'packages/*/src/**/message.ts',
  'packages/sdk/src/capnp.ts',
];

const OWN_INDEX = {
  regex: String.raw`^\.{1,2}/(.*/)?index(\.node)?\.js$`,
  message: 'Import the file that defines it, not the own package’s index.',
};
const DEEP_IMPORT = {
  regex:
    '^@inos/[^/]+/(?!errors$|schema$|trace$|vite$|pow$|pow/middleware$|solve$|element$|bitcoin$|package\\.json$|(mining|physics|physics-soft)\\.wasm$)',
  message: 'Packages are imported by their name only.',
};
const CAPNP = {
  regex: '^capnp-es',
  message: 'Only generated/, message.ts and capnp.ts name capnp-es.',
};

function only(files, patterns) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

/** Capsules import the SDK, never one another: what two need sinks to it. The SDK knows no domain. */
function packageRule(name) {
  const others = name === 'sdk' ? '^@inos/' : `^@inos/(?!sdk(/|$))`;
  const message =
    name === 'sdk' ? 'The SDK imports no package.' : 'Capsules import only @inos/sdk.';
  const patterns = [OWN_INDEX, DEEP_IMPORT, CAPNP, { regex: others, message }];
  return only([`packages/${name}/src/**/*.ts`], patterns);
}

/** A layer of the SDK imports nothing from the layers above it. */
function layerRule(layer, index) {
  const above = [
    ...SDK_LAYERS.slice(index + 1)
      .flat()
      .map((name) => `${name}/`),
    'inos(\\.node)?\\.js',
  ];
  const regex = `^\\.\\./(.*/)?(${above.join('|')})`;
  const message = `${layer.join(', ')} may not import what lies above: ${above.join(', ')}`;
  const patterns = [OWN_INDEX, DEEP_IMPORT, CAPNP, { regex: '^@inos/' }, { regex, message }];
  return only(
    layer.map((name) => `packages/sdk/src/${name}/**/*.ts`),
    patterns,
  );
}

const domains = ['mining', 'physics', 'fixture'];

export default tseslint.config(
  { ignores: ['**/dist/', '**/wasm/', '**/target/', '**/.cache/', '**/generated/', '**/.turbo/'] },
  // Compiled as a user would, against the packed packages.
  { ignores: ['tools/packaging/*/consumer/**/*.ts'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // What callers give and what shared memory holds isn't always what its type says: it is checked.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // An async function that doesn't await yet still turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Vitest's asymmetric matchers are typed `any`.
    files: ['**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: { globals: globals.node },
    rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
  {
    files: [
      'tools/packaging/page/*.js',
      'tools/packaging/*/consumer/**/*.js',
      'benches/mining/altcha-page/*.js',
      'examples/*/src/**/*.js',
    ],
    languageOptions: {
      globals: globals.browser,
      parserOptions: { ecmaFeatures: { jsx: true } },
    },
  },
  {
    files: ['**/*.ts', '**/*.mjs'],
    rules: { 'no-restricted-imports': ['error', { patterns: [DEEP_IMPORT] }] },
  },
  only(['packages/cli/src/**/*.ts'], [OWN_INDEX, DEEP_IMPORT, CAPNP]),
  ...['sdk', ...domains].map(packageRule),
  ...SDK_LAYERS.map(layerRule),
  { files: CAPNP_FILES, rules: { 'no-restricted-imports': 'off' } },
);
