// Next.js: a page that computes in the browser and a route handler that does on the server, built by `next build`
// and served by `next start`, or served by `next dev`.
import { spawn } from 'node:child_process';
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../scripts/process.mjs';
import { MODULES, versionOf } from '../dependencies.mjs';
import { requireHelloDigest } from '../hello.mjs';
import { output } from '../output.mjs';

const NEXT = join(MODULES, 'next/dist/bin/next');
const PACKAGES = ['next', 'react', 'react-dom'];
const START_MS = 60_000;
const BUILD_MS = 300_000;

const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };

/** The user's configuration, and what is due to the packages being links out of the project, and to the fixture. */
const CONFIG = `import config from './user.config.js';
export default {
  ...config,
  serverExternalPackages: [...config.serverExternalPackages, '@inos/fixture'],
  turbopack: { root: '/' },
};
`;

function createProject(consumer, name) {
  const folder = consumer(['next/consumer'], name);
  for (const name of PACKAGES) {
    symlinkSync(join(MODULES, name), join(folder, 'node_modules', name));
  }
  renameSync(join(folder, 'next.config.js'), join(folder, 'user.config.js'));
  writeFileSync(join(folder, 'next.config.js'), CONFIG);
  return folder;
}

let project;

/** Builds the project, once for both environments. */
function built(consumer) {
  if (project !== undefined) return project;
  const folder = createProject(consumer, 'next');
  output(process.execPath, [NEXT, 'build'], { cwd: folder, env, timeout: BUILD_MS });
  project = folder;
  return project;
}

/** The address that a server prints when it is ready. */
function addressOf(server) {
  return new Promise((resolve, reject) => {
    let printed = '';
    const giveUp = (why) => reject(new Failure(`the server ${why}\n${printed}`));
    const timer = setTimeout(giveUp, START_MS, 'never was ready');
    const hear = (chunk) => {
      printed += chunk;
      const [, address] = /Local:\s+(http\S+)[^]*Ready/.exec(printed) ?? [];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    };
    server.stdout.on('data', hear);
    server.stderr.on('data', hear);
    server.on('exit', () => giveUp('ended'));
  });
}

async function whileServing(command, folder, work) {
  const args = [NEXT, command, '--port', '0', '--hostname', '127.0.0.1'];
  const server = spawn(process.execPath, args, { cwd: folder, env });
  const ended = new Promise((resolve) => server.on('exit', resolve));
  try {
    return await work(await addressOf(server));
  } finally {
    server.kill();
    await ended;
  }
}

const post = (address, body) => fetch(address, { method: 'POST', body });

async function inPage(address, openPage) {
  requireHelloDigest(
    await openPage(`${address}/`, "document.querySelector('output')?.textContent"),
  );
  return openPage(`${address}/try`, 'globalThis.outcomes');
}

async function hashOnServer(address) {
  const hashed = await post(`${address}/hash`, 'hello');
  requireHelloDigest(await hashed.text());
}

async function onServer(address) {
  await hashOnServer(address);
  const tried = await post(`${address}/try/server`);
  if (!tried.ok) throw new Failure(`the route gave status ${tried.status}: ${await tried.text()}`);
  return tried.json();
}

/** Both, in the mode in which pages and routes are compiled when they are asked for. */
async function inDevelopment(address, openPage) {
  await hashOnServer(address);
  return inPage(address, openPage);
}

const version = versionOf('next');

function environment(where, command, folderOf, attempt) {
  return {
    name: `Next.js ${version.split('.')[0]}, ${where}`,
    version,
    isThere: true,
    try: ({ consumer, openPage }) =>
      whileServing(command, folderOf(consumer), (address) => attempt(address, openPage)),
  };
}

const created = (consumer) => createProject(consumer, 'next dev');

export const nexts = [
  environment('page', 'start', built, inPage),
  environment('route handler', 'start', built, onServer),
  environment('dev', 'dev', created, inDevelopment),
];
