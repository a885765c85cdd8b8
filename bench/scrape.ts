/**
 * `node infra/bootstrap.mjs bench/scrape.ts`: what it costs to scrape what Postgres knows, when a month of it is there:
 * a sample a model and minute, the ledger of hourly models and of two that load every minute, the books of pages, rows in
 * quarantine and incidents. The database is a new one, and dropped.
 */
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import { gaugeText } from '../workers/metrics/gauges.ts';
import { readPostgres } from '../workers/metrics/read-postgres.ts';
import { openForScrapes } from '../workers/metrics.ts';
import type { Database } from '../activities/databases.ts';
import { readGraph } from '../activities/repository.ts';
import { startPostgres } from '../infra/local/postgres.ts';
import { migrate } from '../infra/migrate.ts';
import { openDatabase } from '../workers/databases.ts';

const PROJECT = resolve(import.meta.dirname, '..');
const folders = {
  modelsFolder: join(PROJECT, 'models'),
  suitesFolder: join(PROJECT, 'expectations', 'suites'),
};
const ROUNDS = 50;

/** What 30 days leave. */
const MONTH = [
  sql`insert into control.freshness_sample
    select 'model_' || m, minute, 100, 4500, true, null
    from generate_series(1, 12) m, generate_series(date_trunc('minute', now()) - interval '30 days', now(), '1 minute') minute`,
  sql`insert into control.objective_hour
    select 'freshness', 'model_' || m, hour, 60, 0
    from generate_series(1, 12) m, generate_series(date_trunc('hour', now()) - interval '30 days', now(), '1 hour') hour`,
  sql`insert into control.objective_promise
    select 'freshness', 'model_' || m, 0.999, 300, 60, now() - interval '30 days', now() from generate_series(1, 12) m`,
  sql`insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, as_of,
      sql_hash, opened_at, published_at, slot_end)
    select model, pipeline, 'w', 'r', case when pipeline = 'minute' and extract(minute from at)::int % 5 > 0 then 'empty' else 'published' end,
      '{"kind":"arrival"}', '1', 1, at, 'h', at, at, at
    from (values ('stg_transactions', 'minute', interval '1 minute'), ('stg_inventory', 'minute', interval '1 minute'),
      ('stg_pos_events', 'hourly', interval '1 hour'), ('fct_daily_sales', 'hourly', interval '1 hour'),
      ('dim_stores', 'daily', interval '1 day')) as named (model, pipeline, every),
      generate_series(now() - interval '30 days', now(), every) as at order by at`,
  sql`insert into control.page_delivery (event_id, dedup_key, notifier, action, state, attempts)
    select 'e' || n, 'k' || n % 300, 'pagerduty', 'trigger', case when n % 1000 = 0 then 'failing' else 'sent' end, 1
    from generate_series(1, 20000) n`,
  sql`insert into control.incident (dedup_key, state, kind, workflow_id)
    select 'k' || n, case when n % 10 = 0 then 'open' else 'resolved' end, 'gateHeld', 'w' from generate_series(1, 300) n`,
  sql`insert into control.quarantine (relation, file, revision, position, reason, workflow_id)
    select 'bronze.raw_transactions', 'f', 1, n, 'no record', 'w' from generate_series(1, 50000) n`,
  sql`analyze`,
];

async function measure(pool: Database): Promise<readonly number[]> {
  const graph = await readGraph(folders);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = performance.now();
    await gaugeText(await readPostgres(pool, graph));
    took.push(performance.now() - began);
  }
  return took.sort((one, other) => one - other);
}

const server = await startPostgres({
  dataFolder: join(PROJECT, '.weir', 'bench', 'scrape'),
  onProgress: () => undefined,
});
const url = new URL(server.adminUrl);
url.pathname = `/weir_scrape_${process.pid}`;
const cluster = openDatabase(server.adminUrl, 'weir bench', 1);
const name = sql.id(url.pathname.slice(1));
try {
  await sql`create database ${name}`.execute(cluster);
  await migrate(url.href, folders);
  const admin = openDatabase(url.href, 'weir bench', 1);
  const pool = openForScrapes(url.href);
  for (const part of MONTH) await part.execute(admin);
  const took = await measure(pool);
  const at = (share: number): string => `${(took[Math.floor((took.length - 1) * share)] ?? 0).toFixed(1)} ms`;
  process.stdout.write(
    `a scrape with a month of history: best ${at(0)}, median ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)}\n`,
  );
  await Promise.all([admin.destroy(), pool.destroy()]);
} finally {
  await sql`drop database if exists ${name} with (force)`.execute(cluster);
  await cluster.destroy();
  await server.stop();
}
