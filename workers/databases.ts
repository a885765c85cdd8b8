import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { cancelFrom } from '../activities/cancel-query.ts';
import type { ControlTables, Database, Databases } from '../activities/databases.ts';
import { parseExactJson } from '../expectations/json.ts';
import { loginUrl } from '../infra/local/logins.ts';

/**
 * What every connection of Weir sets. UTC, whatever zone server and process live in; a server that notices within
 * seconds that its client is gone does not go on with a dead worker's SQL.
 */
const SESSION = '-c TimeZone=UTC -c client_connection_check_interval=2s -c jit=off';

/** `int8` as a number where it is safe, as text beyond; so are the numbers of JSON. All else as pg gives it. */
export const resultTypes = new pg.TypeOverrides();
resultTypes.setTypeParser(pg.types.builtins.INT8, parseInt8);
resultTypes.setTypeParser(pg.types.builtins.JSON, parseExactJson);
resultTypes.setTypeParser(pg.types.builtins.JSONB, parseExactJson);

/** Opens a pool on one login, and beside it the connection from which its queries are cancelled, when one is. */
export function openDatabase(url: string, name: string, connections: number): Database {
  const settings = {
    connectionString: url,
    application_name: name,
    options: SESSION,
    types: resultTypes,
  } as const;
  const database = poolOf({ ...settings, max: connections });
  cancelFrom(
    database,
    // Open for as long as there is something to cancel, and nobody has to close it.
    poolOf({
      ...settings,
      application_name: `${name} cancel`,
      max: 1,
      idleTimeoutMillis: 500,
      allowExitOnIdle: true,
    }),
  );
  return database;
}

function poolOf(config: pg.PoolConfig): Database {
  const pool = new pg.Pool(config);
  // A server that restarts breaks connections, idle and busy ones: the pool replaces them, and what failed is retried.
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  return new Kysely<ControlTables>({ dialect: new PostgresDialect({ pool }) });
}

/** How many connections each login may have. */
export type Connections = Readonly<Record<keyof Databases, number>>;

function parseInt8(value: string): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** One pool a login. @param connections of each at most; one is opened when somebody needs it. */
export function openDatabases(
  adminUrl: string,
  name: string,
  connections: number | Connections,
): Databases & { close(): Promise<void> } {
  const most =
    typeof connections === 'number'
      ? { loader: connections, publisher: connections, validator: connections }
      : connections;
  const open = (login: keyof Connections): Database =>
    openDatabase(loginUrl(adminUrl, `weir_${login}`), `${name} ${login}`, most[login]);
  const [loader, publisher, validator] = [open('loader'), open('publisher'), open('validator')];
  return {
    loader,
    publisher,
    validator,
    close: async () => {
      await Promise.all([loader.destroy(), publisher.destroy(), validator.destroy()]);
    },
  };
}
