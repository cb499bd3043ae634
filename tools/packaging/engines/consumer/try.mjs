// Tries every feature and prints how that went.
import process from 'node:process';
import { tryFeatures } from './features.js';

const outcomes = await tryFeatures();
console.log(JSON.stringify(outcomes));
// Where a stuck thread can't be ended it runs on, and would keep the process alive.
if (outcomes.stuck !== 'ok') process.exit();
