/** The Redis store, over real sockets with Redis' own protocol. */
import { createChallenge, verify } from '@inos/mining/pow';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisStore } from '../src/redis.js';
import { redisClient, RedisServer } from './resp.js';

const server = new RedisServer();
const clients: ReturnType<typeof redisClient>[] = [];
beforeAll(async () => {
  const port = await server.listen();
  clients.push(redisClient(port), redisClient(port));
});
afterAll(() => {
  for (const client of clients) client.close();
  server.close();
});

const stores = () => clients.map(({ send }) => redisStore(send));

it('of many uses on several servers exactly one counts', async () => {
  const [one, other] = stores();
  const later = Date.now() + 60_000;
  const uses = Array.from({ length: 50 }, (_, index) =>
    (index % 2 === 0 ? one : other)?.spend('id', later),
  );
  expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
  expect(server.keys.get('inos-pow:id')).toBe(later);
});

it('is forgotten when it has expired, or never', async () => {
  const store = redisStore(clients[0]?.send ?? fail, { prefix: 'mine:' });
  expect(await store.spend('old', Date.now() - 1)).toBe(true);
  expect(server.keys.has('mine:old')).toBe(false);
  expect(await store.spend('for ever', Infinity)).toBe(true);
  expect(await store.spend('for ever', Infinity)).toBe(false);
  expect(server.keys.get('mine:for ever')).toBe(Infinity);
});

it('protects challenges', async () => {
  const secret = 'a secret of the tests, long enough';
  const [store] = stores();
  if (store === undefined) throw new Error('two clients');
  const payload = `${await createChallenge({ secret, difficulty: 1 })}.0`;
  await verify(payload, { secret, store });
  await expect(verify(payload, { secret, store })).rejects.toMatchObject({
    code: 'mining/challenge-replayed',
  });
});

it('refuses to go on when Redis fails', async () => {
  const broken = redisStore(() => Promise.reject(new Error('no connection')));
  await expect(broken.spend('id', 1)).rejects.toThrow('no connection');
  const strange = redisStore(() => Promise.resolve('QUEUED'));
  await expect(strange.spend('id', 1)).rejects.toThrow('Redis answered QUEUED');
  const wrong = redisStore(([, ...words]) => (clients[0]?.send ?? fail)(['GET', ...words]));
  await expect(wrong.spend('id', 1)).rejects.toThrow('ERR syntax error');
});

function fail(): Promise<never> {
  return Promise.reject(new Error('no client'));
}
