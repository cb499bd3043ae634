/** The commands of `inos`, with all that their help teaches. */
import type { Command } from '../command.js';
import { capsule } from './capsule.js';
import { demo } from './demo.js';
import { doctor } from './doctor.js';
import { hash } from './hash.js';
import { mine } from './mine.js';
import { physics } from './physics.js';
import { pow } from './pow.js';
import { top } from './top.js';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [hash, mine, pow, physics, demo, top, capsule, doctor];
