import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { RuntimeOptions } from '@temporalio/worker';
import type { ControlTables, Database } from '../activities/databases.ts';
import { loginUrl } from '../infra/local/logins.ts';
import { resultTypes } from './databases.ts';
import { createCounters, type Counters } from './metrics/counters.ts';
import { postgresGauges, type PostgresGauges, type PostgresGaugesDeps } from './metrics/postgres-gauges.ts';
import { serveMetrics } from './metrics/serve-metrics.ts';
import { installMeasured } from './metrics/temporal-exporter.ts';

/** What a worker process tells Prometheus. */
export interface Metrics {
  readonly port: number;
  readonly counters: Counters;
  /** From now on what Postgres knows is told too. */
  read(databaseUrl: string, deps: Omit<PostgresGaugesDeps, 'database'>): void;
  close(): Promise<void>;
}

/**
 * Installs Temporal's runtime with its own metrics and serves `/metrics`. Before any connection to Temporal.
 *
 * @param port 0 picks a free one.
 * @throws Error naming the setting, where the port cannot be had.
 */
export async function startMetrics(port: number, runtime: RuntimeOptions): Promise<Metrics> {
  const counters = createCounters();
  const temporal = await installMeasured(runtime);
  let reading: { readonly gauges: PostgresGauges; readonly database: Database } | null = null;
  const server = await serveMetrics(port, { counters, temporal, postgres: () => reading?.gauges ?? null });
  return {
    port: server.port,
    counters,
    read: (databaseUrl, deps) => {
      const database = openForScrapes(databaseUrl);
      reading = { database, gauges: postgresGauges({ ...deps, database }) };
    },
    close: async () => {
      await server.close();
      await reading?.database.destroy();
    },
  };
}

const CONNECT_MS = 3_000;
/** Before the scrape gives up, so that it hears that Postgres is there and slow. */
const ANSWER_MS = 2_500;

/**
 * One connection beside the pools of loads: what is scraped waits for nobody, and what it asked is stopped by the server when
 * nobody waits for it any more. The loader's login may read all of `control`.
 */
export function openForScrapes(adminUrl: string): Database {
  const pool = new pg.Pool({
    connectionString: loginUrl(adminUrl, 'weir_loader'),
    application_name: 'weir metrics',
    max: 1,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: ANSWER_MS,
    options: '-c TimeZone=UTC -c jit=off -c default_transaction_read_only=on',
    types: resultTypes,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  return new Kysely<ControlTables>({ dialect: new PostgresDialect({ pool }) });
}
