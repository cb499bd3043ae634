/** The entry point `@inos/sdk/trace`: traces in formats of other programs. */
export {
  ChromeTraceConverter,
  toChromeTrace,
  writeChromeTrace,
  type ChromeEvent,
  type ChromeTrace,
} from './kernel/trace/chrome-trace.js';
