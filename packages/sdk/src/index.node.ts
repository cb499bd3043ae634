/** The entry point for Node. */
import { installPlatform } from './capsule/platform.js';
import { nodePlatform } from './capsule/platform.node.js';

installPlatform(nodePlatform);

export * from './exports.js';
