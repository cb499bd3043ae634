// Plain ES modules, without a bundler: on a server that sends the headers, and on one that can't, where a service
// worker adds them.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { MODULES, versionOf } from '../dependencies.mjs';
import { outcomesOf } from '../page/outcomes.mjs';
import { ISOLATION, whileServing } from '../static-server.mjs';

const WORKER = 'coi-serviceworker.js';

function environment(name, version, headers) {
  return {
    name,
    version,
    isThere: true,
    async try({ consumer, openPage }) {
      const folder = consumer(['page', 'static/consumer'], name);
      cpSync(join(MODULES, 'coi-serviceworker', WORKER), join(folder, WORKER));
      return whileServing(folder, headers, (address) => outcomesOf(openPage, address));
    },
  };
}

export const statics = [
  environment('Plain ES modules', undefined, ISOLATION),
  environment('Plain ES modules, coi-serviceworker', versionOf('coi-serviceworker'), {}),
];
