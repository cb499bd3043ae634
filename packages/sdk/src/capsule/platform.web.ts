/**
 * What browsers are to the runtime.
 */
import type { Platform } from './platform.js';

export const webPlatform: Platform = {
  threads: async () => (await import('./threads.web.js')).webThreads,
  get canShare() {
    return globalThis.crossOriginIsolated;
  },
  // Only pages have a window, and only there engines forbid it.
  mayBlock: typeof window === 'undefined',
  get hardwareThreads() {
    return globalThis.navigator.hardwareConcurrency;
  },
};
