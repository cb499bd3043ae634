/**
 * Spent challenges in Redis: any number of servers share them. One command does it, `SET id 1 NX PXAT time`: it sets
 * what isn't set, as one step, and forgets it at that time: `verify` gives a minute more than the challenge lasts. (Redis 6.2 and newer, Valkey, KeyDB.)
 */
import type { SpentStore } from '@inos/mining/pow';

/** What sends a command and resolves to its answer: `client.sendCommand` of the package redis, `call` of ioredis. */
export type SendCommand = (words: readonly string[]) => Promise<unknown>;

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * What keys begin with.
   * @default 'inos-pow:'
   */
  readonly prefix?: string;
}

/**
 * Makes the store.
 *
 * @example
 * ```ts
 * const store = redisStore((words) => client.sendCommand([...words]));
 * const other = redisStore(([name, ...words]) => ioredis.call(name, ...words));
 * ```
 */
export function redisStore(
  send: SendCommand,
  { prefix = 'inos-pow:' }: RedisStoreOptions = {},
): SpentStore {
  return {
    spend: async (id, expiresAtMs) => {
      const lasts = Number.isFinite(expiresAtMs) ? ['PXAT', String(Math.ceil(expiresAtMs))] : [];
      const answer = await send(['SET', prefix + id, '1', 'NX', ...lasts]);
      if (answer !== 'OK' && answer !== null)
        throw new Error(`Redis answered ${JSON.stringify(answer)}`);
      return answer === 'OK';
    },
  };
}
