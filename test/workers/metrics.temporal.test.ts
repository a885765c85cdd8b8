import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { findPromtool } from '../infra/prometheus/promtool.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses, type WorkerProcess } from '../setup/worker-process.ts';
import { samplesOf, sumOf, type Sample } from './metrics/exposition.ts';

let weir: TestWeir;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

async function scrapeText({ metricsUrl = '' }: WorkerProcess): Promise<string> {
  const response = await fetch(metricsUrl);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  return response.text();
}

async function scrape(worker: WorkerProcess): Promise<readonly Sample[]> {
  return samplesOf(await scrapeText(worker));
}

const promtool = await findPromtool();
const skipped = 'missing' in promtool ? ` (promtool's opinion SKIPPED: ${promtool.missing})` : '';

/** What `promtool check metrics` has to say of a scrape; null where there is no promtool. */
function opinionOf(text: string): string | null {
  if ('missing' in promtool) return null;
  const { stdout, stderr } = spawnSync(promtool.path, ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`;
}

describe('/metrics of a worker', () => {
  it(`counts what a run did, and says what Postgres and Temporal know${skipped}`, async () => {
    weir = await testWeir({ worker: false });
    const worker = await workers.spawn(weir, { WEIR_METRICS_PORT: '0' });
    await weir.loadDimensions();
    const secret = 'TERMINAL_OF_SOMEBODY';
    await weir.land('transactions/2017-01-02T08.jsonl', [
      ...baskets(1, 9),
      basket(9, { terminal_id: secret, total_amount: secret }),
      `{"not": "${secret}"}`,
    ]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await run.result();
    // What the SDK counts of a run it may count a moment after the run has answered.
    const samples = await until(
      async () => {
        const found = await scrape(worker);
        return (sumOf(found, 'temporal_workflow_completed_total') ?? 0) >= 2 && found;
      },
      { what: 'both runs are counted', timeoutMs: 60_000 },
    );
    const model = 'stg_transactions';
    expect(
      sumOf(samples, 'weir_rows_total', { station: 'extract', model: 'raw_transactions', kind: 'landed' }),
    ).toBe(8);
    expect(sumOf(samples, 'weir_rows_total', { station: 'stage', model, kind: 'staged' })).toBe(8);
    expect(sumOf(samples, 'weir_rows_total', { station: 'publish', model, kind: 'inserted' })).toBe(8);
    expect(sumOf(samples, 'weir_gate_verdicts_total', { model, gate: 'output', outcome: 'pass' })).toBe(1);
    expect(sumOf(samples, 'weir_loads_ended_total', { model, state: 'published' })).toBe(1);
    expect(sumOf(samples, 'weir_station_duration_seconds_count', { station: 'publish', model })).toBe(1);
    expect(sumOf(samples, 'weir_loads_ended_total', { model: 'stg_pos_events', state: 'empty' })).toBe(1);
    expect(sumOf(samples, 'weir_database_up')).toBe(1);
    expect(sumOf(samples, 'weir_current_to_timestamp_seconds', { model })).toBeGreaterThan(
      Date.now() / 1000 - 600,
    );
    expect(sumOf(samples, 'weir_freshness_objective_seconds', { model })).toBeGreaterThan(0);
    expect(sumOf(samples, 'weir_quarantine_waiting_rows', { model: 'raw_transactions' })).toBe(2);
    expect(
      sumOf(samples, 'weir_rows_total', { station: 'extract', model: 'raw_transactions', kind: 'rejected' }),
    ).toBe(2);
    expect(sumOf(samples, 'weir_temporal_metrics_up')).toBe(1);
    if (skipped === '') expect(opinionOf(await scrapeText(worker))).toBe('');
    const { runId } = await run.describe();
    const text = JSON.stringify(samples);
    for (const never of [secret, runId, run.workflowId, weir.settings.pagerDuty.routingKey])
      expect(text).not.toContain(never);
    expect(
      samples.filter(({ name }) => name === 'temporal_workflow_task_schedule_to_start_latency_seconds_count'),
    ).not.toEqual([]);
  });

  it('says since when a gate holds, what is open, and what a receiver took', async () => {
    weir = await testWeir({ worker: false });
    const worker = await workers.spawn(weir, { WEIR_METRICS_PORT: '0' });
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', [
      ...baskets(1, 9),
      ...baskets(9, 12, { total_amount: '-5.00' }),
    ]);
    await weir.run('hourly', { asOf: AS_OF });
    await weir.heldVerdict('stg_transactions');
    const samples = await until(
      async () => {
        const found = await scrape(worker);
        const told = [
          sumOf(found, 'weir_page_deliveries_total', { outcome: 'sent' }),
          sumOf(found, 'weir_incidents_open', { kind: 'gateHeld' }),
        ];
        return told.includes(null) ? null : found;
      },
      { what: 'the page is sent, and its incident is told', timeoutMs: 60_000 },
    );
    const held = sumOf(samples, 'weir_held_since_timestamp_seconds', { model: 'stg_transactions' });
    expect(held).toBeGreaterThan(Date.now() / 1000 - 600);
    expect(sumOf(samples, 'weir_loads_under_way', { state: 'held' })).toBe(1);
    expect(sumOf(samples, 'weir_incidents_open', { kind: 'gateHeld' })).toBe(1);
    expect(
      sumOf(samples, 'weir_page_deliveries_total', {
        receiver: 'pagerduty',
        action: 'trigger',
        outcome: 'sent',
      }),
    ).toBe(1);
    expect(sumOf(samples, 'weir_gate_verdicts_total', { model: 'stg_transactions', outcome: 'fail' })).toBe(
      1,
    );
  });

  it('of two workers on one machine each has its own, and a port that is taken is said', async () => {
    weir = await testWeir({ worker: false });
    const [one, two] = [
      await workers.spawn(weir, { WEIR_METRICS_PORT: '0' }),
      await workers.spawn(weir, { WEIR_METRICS_PORT: '0', WEIR_QUEUES: 'gate' }),
    ];
    expect(one.metricsUrl).not.toBe(two.metricsUrl);
    const pollers = (samples: readonly Sample[]) =>
      new Set(
        samples
          .filter(({ name }) => name === 'temporal_num_pollers')
          .map(({ labels }) => labels['task_queue']),
      );
    const queue = weir.settings.taskQueue;
    await until(async () => pollers(await scrape(one)).has(queue), {
      what: 'the one polls',
      timeoutMs: 60_000,
    });
    await until(async () => pollers(await scrape(two)).size > 0, {
      what: 'the other polls',
      timeoutMs: 60_000,
    });
    expect(pollers(await scrape(two))).toEqual(new Set([`${queue}-gate`]));
    const port = new URL(one.metricsUrl ?? '').port;
    await expect(workers.spawn(weir, { WEIR_METRICS_PORT: port })).rejects.toThrow(
      new RegExp(`WEIR_METRICS_PORT ${port} cannot be listened on \\(EADDRINUSE\\): is another worker`),
    );
  });
});
