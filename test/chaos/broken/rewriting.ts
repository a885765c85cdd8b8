import { Kysely, PostgresDialect } from 'kysely';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import pg from 'pg';
import type { ControlTables, Database } from '../../../activities/databases.ts';
import { parseExactJson } from '../../../expectations/json.ts';

/** Runs a query in some other way than it was asked for. `run` sends one on the connection it was meant for. */
export type Rewrite = (
  query: CompiledQuery,
  run: (query: CompiledQuery) => Promise<QueryResult<unknown>>,
) => Promise<QueryResult<unknown>>;

/** A pool as the workers open it, whose queries `rewrite` may change on their way. */
export function openRewriting(url: string, name: string, rewrite: Rewrite): Database {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, Number);
  types.setTypeParser(pg.types.builtins.JSON, parseExactJson);
  types.setTypeParser(pg.types.builtins.JSONB, parseExactJson);
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    application_name: name,
    options: '-c TimeZone=UTC',
    types,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  const plain = new PostgresDialect({ pool });
  const dialect: Dialect = {
    createAdapter: () => plain.createAdapter(),
    createQueryCompiler: () => plain.createQueryCompiler(),
    createIntrospector: (db) => plain.createIntrospector(db),
    createDriver: () => rewritingDriver(plain.createDriver(), rewrite),
  };
  return new Kysely<ControlTables>({ dialect });
}

/** Each connection is changed once: the driver knows its connections by identity. */
function rewritingDriver(driver: Driver, rewrite: Rewrite): Driver {
  const changed = new WeakSet<DatabaseConnection>();
  const acquire = driver.acquireConnection.bind(driver);
  return Object.assign(driver, {
    acquireConnection: async (...options: Parameters<Driver['acquireConnection']>) => {
      const connection = await acquire(...options);
      if (changed.has(connection)) return connection;
      changed.add(connection);
      const send = connection.executeQuery.bind(connection);
      return Object.assign(connection, {
        executeQuery: (query: CompiledQuery) => rewrite(query, send),
      });
    },
  });
}
