/**
 * The features that INOS uses or will, how each is looked for, and what its lack means.
 */
import type { FeatureName, Lack } from './diagnosis.js';

/** What the engine says of itself. Tests give one of their own. */
export interface Probe {
  readonly engine: string;
  readonly hardwareThreads: number;
  /** `crossOriginIsolated`, where there is such a thing. */
  readonly isIsolated: boolean | undefined;
  /** Whether a module's bytes are valid here. */
  readonly validate: (module: Uint8Array<ArrayBuffer>) => boolean;
  /** Whether memory can be shared at all. */
  readonly canShare: () => boolean;
  /** Whether workers can be started: not from service workers, and in Chromium not from shared ones. */
  readonly hasWorkers: boolean;
  readonly hasWaitAsync: boolean;
  /** The name of a GPU adapter; `undefined` if there is none. */
  readonly adapter: () => Promise<string | undefined>;
}

/** What a look at a feature found. */
export interface Look {
  readonly isAvailable: boolean;
  readonly detail: string;
}

/** A feature, how to look for it, what its lack means. */
export interface Feature {
  readonly feature: FeatureName;
  readonly isRequired: boolean;
  readonly look: (probe: Probe) => Look | Promise<Look>;
  readonly lack: Lack;
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** One type, `() -> ()`, and one function of it. */
const FUNCTION = [0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00];

/** `v128.const 0`, `drop`. */
const SIMD = Uint8Array.of(
  ...[...HEADER, ...FUNCTION, 0x0a, 0x17, 0x01, 0x15, 0x00, 0xfd, 0x0c],
  ...Array<number>(16).fill(0),
  ...[0x1a, 0x0b],
);

/** A shared memory; `i32.atomic.load` of its first word, `drop`. */
const THREADS = Uint8Array.of(
  ...[...HEADER, ...FUNCTION, 0x05, 0x04, 0x01, 0x03, 0x01, 0x01],
  ...[0x0a, 0x0b, 0x01, 0x09, 0x00, 0x41, 0x00, 0xfe, 0x10, 0x02, 0x00, 0x1a, 0x0b],
);

/** A memory of one page whose addresses have 64 bits. */
const MEMORY64 = Uint8Array.of(...HEADER, 0x05, 0x03, 0x01, 0x04, 0x01);

const NEWER_ENGINE = 'use Chrome 91, Firefox 89, Safari 16.4, Node 20 or newer';

/** All features, the required ones first. */
export const FEATURES: readonly Feature[] = [
  {
    feature: 'isolation',
    isRequired: false,
    look: ({ isIsolated }) => ({
      isAvailable: isIsolated ?? true,
      detail:
        isIsolated === undefined
          ? 'not needed outside browsers'
          : `crossOriginIsolated is ${isIsolated}`,
    }),
    lack: {
      cost:
        'the memory cannot be shared with workers: each capsule runs on one thread with copies of all data, tells no ' +
        'progress, and a job that is stopped while it runs ends with its worker',
      cure:
        'serve the page with "Cross-Origin-Opener-Policy: same-origin" and ' +
        '"Cross-Origin-Embedder-Policy: require-corp", over HTTPS or from localhost',
    },
  },
  {
    feature: 'threads',
    isRequired: true,
    look: ({ validate, canShare, hasWorkers }) => {
      let missing: string | undefined;
      if (!validate(THREADS)) missing = 'no atomic instructions';
      else if (!canShare()) missing = 'no shared WebAssembly.Memory';
      else if (!hasWorkers) missing = 'no workers can be started from here';
      return {
        isAvailable: missing === undefined,
        detail: missing ?? 'shared memory, atomics and workers',
      };
    },
    lack: {
      cost: 'there is nothing to run capsules on, or no memory to share: createInos() throws',
      cure: `${NEWER_ENGINE}; make runtimes in pages or dedicated workers, not in shared or service workers`,
    },
  },
  {
    feature: 'simd',
    isRequired: true,
    look: ({ validate }) => ({ isAvailable: validate(SIMD), detail: '128-bit instructions' }),
    lack: {
      cost: 'the modules of capsules contain SIMD instructions and do not compile',
      cure: NEWER_ENGINE,
    },
  },
  {
    feature: 'waitAsync',
    isRequired: false,
    look: ({ hasWaitAsync }) => ({ isAvailable: hasWaitAsync, detail: 'Atomics.waitAsync' }),
    lack: {
      cost: 'while jobs are in flight the host looks for answers every few milliseconds instead of being woken',
      cure: 'use Chrome 87, Safari 16.4, Node 20 or newer, or a Firefox that has it',
    },
  },
  {
    feature: 'cores',
    isRequired: false,
    look: ({ hardwareThreads }) => ({
      isAvailable: hardwareThreads > 1,
      detail: hardwareThreads === 1 ? '1 thread at once' : `${hardwareThreads} threads at once`,
    }),
    lack: {
      cost: 'host and capsules take turns on one core: nothing runs at the same time',
      cure: 'give the machine, the container or the virtual machine more cores',
    },
  },
  {
    feature: 'webgpu',
    isRequired: false,
    look: async ({ adapter }) => {
      const name = await adapter();
      return { isAvailable: name !== undefined, detail: name ?? 'no adapter' };
    },
    lack: {
      cost: 'searches for nonces have no GPU lane: the others do all',
      cure: 'use a browser with WebGPU, or in Node npm install webgpu, where there is a GPU and its driver',
    },
  },
  {
    feature: 'memory64',
    isRequired: false,
    look: ({ validate }) => ({ isAvailable: validate(MEMORY64), detail: '64-bit addresses' }),
    lack: {
      cost: 'nothing yet: memories are 32-bit and end at 4 GiB',
      cure: 'use Chrome 133, Firefox 134, Node 24 or newer',
    },
  },
];
