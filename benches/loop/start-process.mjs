// Run by start.mjs: `node start-process.mjs COUNT` prints how long a runtime with so many capsules takes to start, in
// a process that has loaded the packages and nothing else.
import { timeStart } from './start-runtime.mjs';

process.stdout.write(String(await timeStart(Number(process.argv[2]))));
