import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
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

/** Opens a pool on one login. */
export function openDatabase(url: string, name: string, connections: number): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    application_name: name,
    options: SESSION,
    types: resultTypes,
  });
  // A server that restarts breaks connections, idle and busy ones: the pool replaces them, and what failed is retried.
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  return new Kysely<ControlTables>({ dialect: new PostgresDialect({ pool }) });
}

function parseInt8(value: string): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** One pool a login, sized to what a worker runs at once. */
export function openDatabases(
  adminUrl: string,
  name: string,
  connections: number,
): Databases & { close(): Promise<void> } {
  const loader = openDatabase(loginUrl(adminUrl, 'weir_loader'), `${name} loader`, connections);
  const publisher = openDatabase(loginUrl(adminUrl, 'weir_publisher'), `${name} publisher`, connections);
  const validator = openDatabase(loginUrl(adminUrl, 'weir_validator'), `${name} validator`, connections);
  return {
    loader,
    publisher,
    validator,
    close: async () => {
      await Promise.all([loader.destroy(), publisher.destroy(), validator.destroy()]);
    },
  };
}
