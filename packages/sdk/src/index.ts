/** The entry point for browsers. */
import { installPlatform } from './capsule/platform.js';
import { webPlatform } from './capsule/platform.web.js';

installPlatform(webPlatform);

export * from './exports.js';
