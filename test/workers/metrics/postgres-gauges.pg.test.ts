import { once } from 'node:events';
import { createServer } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForScrapes } from '../../../workers/metrics.ts';
import { createCounters } from '../../../workers/metrics/counters.ts';
import { gaugeText } from '../../../workers/metrics/gauges.ts';
import { postgresGauges, type PostgresGauges } from '../../../workers/metrics/postgres-gauges.ts';
import { serveMetrics, type MetricsServer } from '../../../workers/metrics/serve-metrics.ts';
import type { Database } from '../../../activities/databases.ts';
import { root } from '../../tools.ts';
import { until } from '../../poll.ts';
import { freshDatabase, ownPostgres, type FreshDatabase } from '../../setup/database.ts';
import { samplesOf, sumOf, type Sample } from './exposition.ts';

let database: FreshDatabase;
let pool: Database;
const said: string[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openForScrapes(database.adminUrl);
});
afterAll(async () => {
  await pool.destroy();
  await database.drop();
});

function gauges(db: Database, keptMs = 0): PostgresGauges {
  return postgresGauges({
    database: db,
    folders: { modelsFolder: `${root}/models` },
    log: (level, message, { error = '' }) => void said.push(`${level} ${message} ${error}`.trim()),
    times: { keptMs, answerMs: 2_000 },
  });
}

async function read(db = pool): Promise<readonly Sample[]> {
  return samplesOf((await gauges(db).read()).text ?? '');
}

async function fill(): Promise<void> {
  await sql`insert into control.page_delivery (event_id, dedup_key, notifier, action, state, attempts, first_tried_at, last_tried_at)
    values ('one', 'k', 'pagerduty', 'trigger', 'sent', 1, now(), now()),
      ('two', 'k', 'pagerduty', 'trigger', 'failing', 4, now() - interval '1 hour', now()),
      ('three', 'k', 'slack', 'trigger', 'undelivered', 9, now() - interval '30 hours', now() - interval '2 hours'),
      ('four', 'k', 'slack', 'trigger', 'undelivered', 9, now() - interval '90 hours', now() - interval '60 hours')`.execute(
    database.admin,
  );
  await sql`insert into control.objective_promise values
    ('freshness', 'stg_inventory', 0.99, 4500, 60, now() - interval '2 hours', now() - interval '7 minutes')`.execute(
    database.admin,
  );
  await sql`insert into control.objective_hour values
    ('freshness', 'stg_inventory', date_trunc('hour', now() - interval '1 hour', 'UTC'), 50, 10)`.execute(
    database.admin,
  );
  await sql`insert into control.objective_alarm (alarm, subject, state, severity, since)
    values ('freshness', 'stg_inventory', 'raised', 'critical', now())`.execute(database.admin);
}

describe('what Postgres knows', () => {
  it('is told as numbers', async () => {
    expect(sumOf(await read(), 'weir_monitor_last_sample_timestamp_seconds')).toBe(null);
    await fill();
    const samples = await read();
    const now = Date.now() / 1000;
    expect(sumOf(samples, 'weir_pages_unsent', { receiver: 'pagerduty', state: 'failing' })).toBe(1);
    expect(sumOf(samples, 'weir_pages_unsent', { receiver: 'slack', state: 'undelivered' })).toBe(1);
    expect(sumOf(samples, 'weir_pages_oldest_failing_timestamp_seconds')).toBeCloseTo(now - 3600, -2);
    expect(sumOf(samples, 'weir_monitor_last_sample_timestamp_seconds')).toBeCloseTo(now - 420, -2);
    const of = { kind: 'freshness', subject: 'stg_inventory' };
    expect(sumOf(samples, 'weir_objective_burning', of)).toBe(1);
    expect(sumOf(samples, 'weir_objective_target_ratio', of)).toBe(0.99);
    expect(sumOf(samples, 'weir_objective_met_ratio', of)).toBeLessThan(0.9);
    expect(sumOf(samples, 'weir_objective_budget_left_ratio', of)).toBeLessThan(1);
    expect(sumOf(samples, 'weir_loads_under_way', { state: 'open' })).toBe(0);
    expect(sumOf(samples, 'weir_freshness_target_ratio', { model: 'stg_transactions' })).toBe(0.99);
  });

  it('says the newest slot that was loaded, and the one that was due', async () => {
    await sql`insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, as_of, sql_hash, slot_end)
      values ('stg_inventory', 'hourly', 'w', 'r', 'published', '{}', '1', 1, now(), 'x', date_trunc('hour', now(), 'UTC') - interval '5 hours')`.execute(
      database.admin,
    );
    const samples = await read();
    const [due, last] = ['due', 'last'].map((what) =>
      sumOf(samples, `weir_schedule_${what}_slot_timestamp_seconds`, { pipeline: 'hourly' }),
    );
    expect([4 * 3600, 5 * 3600]).toContain((due ?? 0) - (last ?? 0));
    // Nobody is late who was never asked.
    expect(sumOf(samples, 'weir_schedule_due_slot_timestamp_seconds', { pipeline: 'daily' })).toBe(null);
  });

  it('is asked once by all who scrape at the same time, and again later', async () => {
    const kept = gauges(pool, 60_000);
    expect(kept.read()).toBe(kept.read());
    const not = gauges(pool, 0);
    expect(not.read()).not.toBe(not.read());
  });

  it('is read by a login that may not write, in time or not at all', async () => {
    await expect(sql`delete from control.incident`.execute(pool)).rejects.toThrow(/read-only transaction/);
    await expect(sql`select pg_sleep(10)`.execute(pool)).rejects.toThrow(/statement timeout/);
  });
});

describe('a read that Postgres refuses', () => {
  it('is no Postgres that is away, and its reason is a code', async () => {
    const own = await freshDatabase();
    const db = openForScrapes(own.adminUrl);
    await sql`revoke select on control.incident from weir_loader`.execute(own.admin);
    said.length = 0;
    expect(await gauges(db).read()).toEqual({ isUp: true, text: null });
    expect(said).toEqual(['WARN metrics lack what Postgres knows SQLSTATE 42501']);
    await db.destroy();
    await own.drop();
  });
});

describe('a scrape while Postgres is away', () => {
  let server: MetricsServer;
  let away: Database;
  beforeAll(async () => {
    const url = new URL(database.adminUrl);
    url.port = '1';
    away = openForScrapes(url.href);
    const counters = createCounters();
    counters.rows({ station: 'publish', model: 'fct_sales' }, 'inserted', 7);
    const found = gauges(away);
    server = await serveMetrics(0, { counters, temporal: null, postgres: () => found });
  });
  afterAll(async () => {
    await server.close();
    await away.destroy();
  });

  it('says so, tells what the process counted, and leaves the rest out', async () => {
    said.length = 0;
    for (const failures of [1, 2]) {
      const response = await fetch(`http://localhost:${server.port}/metrics`);
      const samples = samplesOf(await response.text());
      expect(response.status).toBe(200);
      expect(sumOf(samples, 'weir_database_up')).toBe(0);
      expect(sumOf(samples, 'weir_rows_total', { model: 'fct_sales', kind: 'inserted' })).toBe(7);
      expect(sumOf(samples, 'weir_database_read_failures_total')).toBe(failures);
      expect(samples.filter(({ name }) => /objective|incidents|held|pages_unsent/.test(name))).toEqual([]);
    }
    // Once, not at every scrape.
    expect(said).toEqual(['WARN metrics lack what Postgres knows ECONNREFUSED']);
  });

  it('waits three seconds for one that takes a connection and says nothing, and for no more', async () => {
    const silent = createServer();
    silent.listen(0);
    await once(silent, 'listening');
    const address = silent.address();
    const url = new URL(database.adminUrl);
    url.port = String(typeof address === 'object' ? address?.port : 0);
    const pool = openForScrapes(url.href);
    expect(await gauges(pool).read()).toEqual({ isUp: false, text: null });
    silent.close();
  });

  it('tells again what Postgres knows, once that is back', async () => {
    const cluster = await ownPostgres({ durable: true });
    const own = await freshDatabase({ clusterUrl: cluster.adminUrl });
    const db = openForScrapes(own.adminUrl);
    const found = gauges(db);
    expect((await found.read()).text).toContain('weir_loads_under_way');
    await cluster.stopHard();
    expect(await found.read()).toEqual({ isUp: false, text: null });
    await cluster.restart();
    await until(async () => (await found.read()).text, { what: 'it is read again', timeoutMs: 30_000 });
    expect(said.slice(-2)).toEqual([
      expect.stringMatching(/^WARN metrics lack what Postgres knows /),
      'INFO metrics have what Postgres knows again',
    ]);
    await db.destroy();
    await own.drop();
    await cluster.stop();
  });

  it('has no other page', async () => {
    expect((await fetch(`http://localhost:${server.port}/`)).status).toBe(404);
  });
});

describe('gauges', () => {
  it('refuse one that nobody has described', async () => {
    await expect(gaugeText([{ name: 'weir_else', labels: {}, value: 1 }])).rejects.toThrow(
      /weir_else is read/,
    );
  });
});
