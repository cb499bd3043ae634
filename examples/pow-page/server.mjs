// The server: gives challenges out, and takes the form only with a solution, once.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MemoryStore } from '@inos/mining/pow';
import { nodeGuard } from '@inos/mining/pow/middleware';

const DIST = fileURLToPath(new URL('dist', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const MAXIMUM_FORM = 16_384;

/** What makes the page cross-origin isolated: so it solves with all the threads that it may. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** @param {import('node:http').IncomingMessage} request */
async function readForm(request) {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) {
    text += piece;
    if (text.length > MAXIMUM_FORM) throw new RangeError('the form is too long');
  }
  return Object.fromEntries(new URLSearchParams(text));
}

/** @param {string} path @param {import('node:http').ServerResponse} response @param {boolean} isolated */
function serveFile(path, response, isolated) {
  const file = join(DIST, normalize(path === '/' ? '/index.html' : path));
  if (!file.startsWith(DIST) || !statSync(file, { throwIfNoEntry: false })?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const type = TYPES[/** @type {keyof typeof TYPES} */ (extname(file))] ?? 'text/plain';
  response.writeHead(200, { 'Content-Type': type, ...(isolated ? ISOLATION : {}) });
  createReadStream(file).pipe(response);
}

/**
 * Makes the server.
 *
 * @param {{ difficulty?: number, isolated?: boolean }} [options]
 */
export function createPage({ difficulty = 10_000_000, isolated = true } = {}) {
  const guard = nodeGuard({
    secret: randomBytes(32),
    store: new MemoryStore(),
    difficulty,
    context: 'sign',
  });
  return createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    /** @type {import('@inos/mining/pow/middleware').NodeRequest} */
    const asked = request;
    if (request.method === 'POST') {
      try {
        Object.assign(asked, { body: await readForm(request) });
      } catch {
        response.writeHead(413).end();
        return;
      }
    }
    await guard(asked, response, (error) => {
      if (error !== undefined) response.writeHead(500).end();
      else if (request.method !== 'POST')
        serveFile(decodeURIComponent(pathname), response, isolated);
      else {
        response.writeHead(200, { 'Content-Type': 'text/plain' });
        response.end(`thank you: ${asked.pow?.difficulty} hashes on average`);
      }
    });
  });
}
