import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { Delivery, Notifier, PageEvent } from '../../../activities/notifiers/notifier.ts';
import { counted } from '../../../workers/metrics/count-activities.ts';
import { countDeliveries } from '../../../workers/metrics/count-deliveries.ts';
import { createCounters, type Counters } from '../../../workers/metrics/counters.ts';
import { samplesOf, sumOf } from './exposition.ts';

/** What was counted under a name; null where nothing was. */
async function found({ registry }: Counters, name: string, labels: Readonly<Record<string, string>> = {}) {
  return sumOf(samplesOf(await registry.metrics()), name, labels);
}

async function fails(counters: Counters, station: string, error: Error): Promise<void> {
  await expect(counted(counters, station, {}, () => Promise.reject(error))).rejects.toBe(error);
}

describe('what activities answer is counted', () => {
  it('rows by what became of them, and none of a load that had ended before', async () => {
    const counters = createCounters();
    const asked = { loadId: 7, model: 'fct_daily_sales' };
    const published = {
      state: 'published',
      inserted: 3,
      updated: 2,
      unchanged: 0,
      deleted: 1,
      quarantined: 9,
    };
    expect(await counted(counters, 'publish', asked, async () => published)).toBe(published);
    await counted(counters, 'stage', asked, async () => ({ staged: 5, ended: 'published' }));
    expect(await found(counters, 'weir_rows_total', { model: 'fct_daily_sales' })).toBe(6);
    expect(await found(counters, 'weir_rows_total', { kind: 'unchanged' })).toBe(null);
    expect(await found(counters, 'weir_loads_ended_total', { state: 'published' })).toBe(1);
  });

  it('an empty load that open has ended, rows that went aside, and not those that were too many', async () => {
    const counters = createCounters();
    const asked = { model: 'stg_inventory' };
    await counted(counters, 'open', asked, async () => ({
      state: 'open',
      loadId: 1,
      empty: true,
      ended: true,
    }));
    await counted(counters, 'open', asked, async () => ({ state: 'open', loadId: 2, empty: false }));
    await counted(counters, 'quarantine', asked, async () => ({ state: 'tooMany', rows: 900, of: 1000 }));
    await counted(counters, 'quarantine', asked, async () => ({ state: 'quarantined', rows: 4 }));
    expect(await found(counters, 'weir_loads_ended_total')).toBe(1);
    expect(await found(counters, 'weir_rows_total')).toBe(4);
    expect(await found(counters, 'weir_station_duration_seconds_count', { station: 'open' })).toBe(2);
  });

  it('a page by the model that it tells of', async () => {
    const counters = createCounters();
    await counted(counters, 'page', { kind: 'gateHeld', model: { name: 'dim_stores' } }, async () => ({}));
    await counted(counters, 'page', { kind: 'runFailed', pipeline: 'hourly' }, async () => ({}));
    expect(await found(counters, 'weir_station_duration_seconds_count', { model: 'dim_stores' })).toBe(1);
    expect(await found(counters, 'weir_station_duration_seconds_count', { model: 'none' })).toBe(1);
  });

  it('a failure by its type, and not one that is only asked again', async () => {
    const counters = createCounters();
    await fails(counters, 'publish', ApplicationFailure.create({ type: 'PostgresError', message: 'x' }));
    await fails(counters, 'publish', new TypeError('x'));
    await fails(counters, 'look', ApplicationFailure.create({ type: 'Unchanged', category: 'BENIGN' }));
    expect(await found(counters, 'weir_station_failures_total', { type: 'PostgresError' })).toBe(1);
    expect(await found(counters, 'weir_station_failures_total', { type: 'TypeError' })).toBe(1);
    expect(await found(counters, 'weir_station_failures_total', { station: 'look' })).toBe(null);
    expect(await found(counters, 'weir_station_duration_seconds_count')).toBe(null);
  });
});

const EVENT: PageEvent = {
  ...{ eventId: 'e', action: 'trigger', dedupKey: 'k', summary: 's', source: 'w', severity: 'critical' },
  ...{
    timestamp: '2017-01-02T09:00:00Z',
    component: null,
    group: null,
    class: null,
    owner: null,
    tier: null,
  },
  ...{ details: {}, links: [], clientUrl: null },
};

describe('what receivers answer is counted', () => {
  it('by how the attempt ended', async () => {
    const counters = createCounters();
    const not = { delivered: false, status: 500, dedupKey: 'k', retryAfterMs: null, reason: 'no' } as const;
    const answers: readonly Delivery[] = [
      { delivered: true, status: 202, dedupKey: 'k' },
      { ...not, retry: true },
      { ...not, retry: false },
    ];
    for (const answer of answers) {
      const notifier: Notifier = { name: 'on-call', send: async () => answer };
      const [wrapped] = countDeliveries([notifier], counters);
      const options = { signal: new AbortController().signal };
      expect(await wrapped?.send(EVENT, options)).toBe(answer);
    }
    for (const outcome of ['sent', 'failed', 'refused']) {
      const labels = { receiver: 'on-call', action: 'trigger', outcome };
      expect(await found(counters, 'weir_page_deliveries_total', labels)).toBe(1);
    }
  });

  it('by nobody where nobody counts', () => {
    const notifiers: readonly Notifier[] = [];
    expect(countDeliveries(notifiers, undefined)).toBe(notifiers);
  });
});
