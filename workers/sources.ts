import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { ControlTables, Database } from '../activities/databases.ts';
import { resultTypes } from './databases.ts';

/** Pools on sources' own databases, opened when they are first asked for. */
export interface Sources {
  /** Null for a name that no setting gives a URL. */
  readonly connection: (name: string) => Database | null;
  readonly close: () => Promise<void>;
}

/** A source is read by one extract at a time, and perhaps by somebody who reconciles it. */
const CONNECTIONS = 3;

/** @param urls by name of a connection, as `Settings` has them. */
export function openSources(urls: Readonly<Record<string, string>>): Sources {
  const open = new Map<string, Database>();
  return {
    connection: (name) => {
      const url = Object.hasOwn(urls, name) ? urls[name] : undefined;
      if (url === undefined) return null;
      const pool = open.get(name) ?? openSource(url);
      open.set(name, pool);
      return pool;
    },
    close: async () => {
      await Promise.all([...open.values()].map((pool) => pool.destroy()));
      open.clear();
    },
  };
}

/** Of older servers too: nothing is set at the start that one of them does not know. */
function openSource(url: string): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    application_name: 'weir extract',
    connectionTimeoutMillis: 20_000,
    options: '-c TimeZone=UTC -c default_transaction_read_only=on',
    types: resultTypes,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  return new Kysely<ControlTables>({ dialect: new PostgresDialect({ pool }) });
}
