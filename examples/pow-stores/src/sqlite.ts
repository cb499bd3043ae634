/**
 * Spent challenges in SQLite: they outlive restarts, and servers of one machine share them. For `node:sqlite` (Node
 * 22.13 or newer) and `better-sqlite3`, which have the same few methods.
 */
import type { SpentStore } from '@inos/mining/pow';

/** A database, as both packages have it. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): {
    run(...values: readonly (string | number)[]): { readonly changes: number | bigint };
  };
}

/** Expired ones are deleted once in so many. */
const SWEEP_EVERY = 1000;

/**
 * Makes the store, and its table if it isn't there yet.
 *
 * @example
 * ```ts
 * const store = sqliteStore(new DatabaseSync('spent.db'));
 * ```
 */
export function sqliteStore(database: Database): SpentStore {
  database.exec(
    `CREATE TABLE IF NOT EXISTS spent (id TEXT PRIMARY KEY, expires REAL NOT NULL) WITHOUT ROWID;
     CREATE INDEX IF NOT EXISTS spent_expires ON spent (expires);`,
  );
  const add = database.prepare('INSERT INTO spent VALUES (?, ?) ON CONFLICT DO NOTHING');
  const sweep = database.prepare('DELETE FROM spent WHERE expires < ?');
  let count = 0;
  return {
    spend: (id, expiresAtMs) => {
      if (count++ % SWEEP_EVERY === 0) sweep.run(Date.now());
      // One statement: of two at the same time one changes a row, the other none.
      return Number(add.run(id, expiresAtMs).changes) === 1;
    },
  };
}
