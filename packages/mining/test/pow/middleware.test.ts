/** The guards in real servers: node:http, Express, Hono. Each gives challenges out, lets solutions pass, once. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MemoryStore } from '@inos/mining/pow';
import {
  expressGuard,
  honoGuard,
  nodeGuard,
  type GuardOptions,
  type NodeRequest,
} from '@inos/mining/pow/middleware';
import * as v2 from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/sha';
import express from 'express';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { solveStamp } from '../shared/brute-force.js';

const secret = 'a secret of the tests, long enough';
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** Sends requests to an application. */
type Send = (path: string, init?: RequestInit) => Promise<Response>;

async function listening(listener: RequestListener): Promise<Send> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init);
}

const options = <R>(more: Partial<GuardOptions<R>> = {}): GuardOptions<R> => ({
  secret,
  store: new MemoryStore(),
  difficulty: 20,
  context: 'the form',
  ...more,
});

const APPLICATIONS: readonly [string, (more?: Partial<GuardOptions<never>>) => Promise<Send>][] = [
  [
    'node:http',
    (more) => {
      const guard = nodeGuard(options<NodeRequest>(more as never));
      return listening((request, response) => {
        void guard(request, response, () => {
          response.end(`passed ${(request as NodeRequest).pow?.context ?? 'freely'}`);
        });
      });
    },
  ],
  [
    'Express',
    (more) => {
      const app = express();
      app.use(express.urlencoded(), expressGuard(options<NodeRequest>(more as never)));
      app.use((request, response) => {
        response.send(`passed ${(request as NodeRequest).pow?.context ?? 'freely'}`);
      });
      return listening(app);
    },
  ],
  [
    'Hono',
    async (more) => {
      const app = new Hono<{ Variables: { pow?: { context: string } } }>();
      app.onError((_, context) => context.text('', 500));
      app.use(honoGuard(options(more as never)));
      app.all('*', (context) => context.text(`passed ${context.get('pow')?.context ?? 'freely'}`));
      return async (path, init) => app.request(path, init);
    },
  ],
];

const code = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code;

it.each([
  [{ secret: '' }, 'secret must be at least 16 bytes long'],
  [{ secret: undefined as never }, 'secret must be'],
  [{ store: {} as never }, "store must be a SpentStore or 'reusable'"],
  [{ difficulty: 0 }, 'difficulty must be'],
])('no guard is made of %o', (wrong, message) => {
  for (const guard of [nodeGuard, expressGuard, honoGuard] as const) {
    expect(() => guard(options(wrong) as never)).toThrow(message);
  }
});

describe.each(APPLICATIONS)('%s', (name, open) => {
  it('gives a challenge, lets its solution pass, and refuses it the second time', async () => {
    const send = await open();
    const given = await send('/pow/challenge');
    expect([given.status, given.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const headers = { 'inos-pow': solveStamp(await given.text()) };
    const passed = await send('/form', { method: 'POST', headers });
    expect([passed.status, await passed.text()]).toEqual([200, 'passed the form']);
    const again = await send('/form', { method: 'POST', headers });
    expect([again.status, await code(again)]).toEqual([403, 'mining/challenge-replayed']);
  });

  it.skipIf(name === 'node:http')('finds the solution in a form', async () => {
    const send = await open();
    const solution = solveStamp(await (await send('/pow/challenge')).text());
    const body = new URLSearchParams({ name: 'Zoë', 'inos-pow': solution });
    const passed = await send('/form', { method: 'POST', body });
    expect([passed.status, await passed.text()]).toEqual([200, 'passed the form']);
  });

  it('lets pass freely what it doesn’t guard', async () => {
    const send = await open();
    expect(await (await send('/page')).text()).toBe('passed freely');
    expect(await (await send('/pow/challenge/more?x')).text()).toBe('passed freely');
  });

  it('refuses requests without a solution, and with a wrong one', async () => {
    const send = await open();
    const without = await send('/form', { method: 'POST' });
    expect([without.status, await code(without)]).toEqual([400, 'mining/challenge-malformed']);
    const headers = { 'inos-pow': 'inos1.nothing' };
    const wrong = await send('/form', { method: 'POST', headers });
    expect([wrong.status, await code(wrong)]).toEqual([400, 'mining/challenge-malformed']);
    const unsolved = `${await (await send('/pow/challenge')).text()}.123456789`;
    const forged = await send('/form', {
      method: 'POST',
      headers: { 'inos-pow': unsolved.replace('.20.', '.1.') },
    });
    expect([forged.status, await code(forged)]).toEqual([403, 'mining/challenge-forged']);
  });

  it('asks the request for its difficulty and context, and gives ALTCHA’s format on demand', async () => {
    const send = await open({
      path: '/challenge',
      format: 'altcha',
      difficulty: () => 7,
      context: async () => 'asked',
      isGuarded: () => true,
      solution: () => undefined,
    } as never);
    const given = await send('/challenge?now');
    expect(given.headers.get('content-type')).toContain('application/json');
    expect(await given.json()).toMatchObject({
      maxnumber: 14,
      salt: expect.stringContaining('context=asked'),
    });
    expect((await send('/page')).status).toBe(400);
  });

  it('reads counters as its option says', async () => {
    const counterMode = 'string';
    const send = await open({ format: 'altcha-v2', counterMode } as never);
    const challenge = (await (await send('/pow/challenge')).json()) as v2.Challenge;
    const solution = await v2.solveChallenge({ challenge, deriveKey, counterMode });
    const headers = { 'inos-pow': btoa(JSON.stringify({ challenge, solution })) };
    expect((await send('/form', { method: 'POST', headers })).status).toBe(200);
  });

  it('refuses a solution that was easier than its request deserves', async () => {
    let difficulty = 20;
    const send = await open({ difficulty: () => difficulty });
    const solution = solveStamp(await (await send('/pow/challenge')).text());
    difficulty = 21;
    const init = { method: 'POST', headers: { 'inos-pow': solution } };
    const easy = await send('/form', init);
    expect([easy.status, await code(easy)]).toEqual([403, 'mining/challenge-too-easy']);
    difficulty = 20;
    expect((await send('/form', init)).status).toBe(200);
  });

  it('lets nothing pass when it fails itself', async () => {
    const store = { spend: () => Promise.reject(new Error('no connection')) };
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const send = await open({ store, onError } as never);
    const solution = solveStamp(await (await send('/pow/challenge')).text());
    const failed = await send('/form', { method: 'POST', headers: { 'inos-pow': solution } });
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain('passed');
    if (name === 'node:http') expect(errors).toEqual([new Error('no connection')]);
  });

  it('refuses JSON that is nested too deeply', async () => {
    const send = await open();
    const deep = `${'['.repeat(2500)}${']'.repeat(2500)}`;
    const headers = {
      'inos-pow': btoa(`{"challenge":{"parameters":{"x":${deep}}},"solution":{}}`),
    };
    const refused = await send('/form', { method: 'POST', headers });
    expect([refused.status, await code(refused)]).toEqual([400, 'mining/challenge-malformed']);
  });

  it('is busy when its store is full', async () => {
    const store = new MemoryStore({ capacity: 1 });
    const send = await open({ store });
    const statuses = [];
    for (const _ of [1, 2]) {
      const headers = { 'inos-pow': solveStamp(await (await send('/pow/challenge')).text()) };
      statuses.push((await send('/form', { method: 'POST', headers })).status);
    }
    expect(statuses).toEqual([200, 503]);
  });

  it('leaves failures of its own server to the server', async () => {
    const broken = { spend: () => Promise.reject(new Error('no database')) };
    const send = await open({ store: broken });
    const headers = { 'inos-pow': solveStamp(await (await send('/pow/challenge')).text()) };
    expect((await send('/form', { method: 'POST', headers })).status).toBe(500);
  });
});

it('refuses a form that Hono can’t read, which is its sender’s fault', async () => {
  const open = new Map(APPLICATIONS).get('Hono');
  const send = await open?.();
  for (const type of ['multipart/form-data', 'multipart/form-data; boundary=x']) {
    const form = { method: 'POST', body: '--x\r\nno form', headers: { 'content-type': type } };
    const refused = await send?.('/form', form);
    expect(refused?.status).toBe(400);
    expect(await refused?.json()).toEqual({
      error: { code: 'mining/challenge-malformed', message: "the form can't be read" },
    });
  }
});

it('needs options', () => {
  expect(() => nodeGuard(undefined as never)).toThrow('options must be');
  const misspelt = { ...options<NodeRequest>(), isGarded: () => true };
  expect(() => expressGuard(misspelt)).toThrow('options.isGarded must be one of the known names');
});
