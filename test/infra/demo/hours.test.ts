import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deliveriesOf, land, movementsOf, readSample, splitHours } from '../../../infra/demo/hours.ts';

const sample = await readSample();
const hours = splitHours(sample);

describe('the two days of the story', () => {
  it('have every hour, those without a basket too', () => {
    expect(hours).toHaveLength(48);
    expect(hours.filter(({ baskets }) => baskets.length === 0).map(({ name }) => name)).toEqual([
      '2017-01-06T08',
      '2017-01-06T09',
      '2017-01-06T10',
      '2017-01-07T08',
      '2017-01-07T09',
      '2017-01-07T10',
    ]);
  });

  it('have each of their baskets in one hour, untouched and in the order of the sample', () => {
    const lines = sample.split('\n').filter((line) => /"transaction_timestamp":"2017-01-0[67]T/.test(line));
    expect(lines).toHaveLength(853);
    expect(hours.flatMap(({ baskets }) => baskets)).toEqual(lines);
  });

  it('are cut in UTC, half-open', () => {
    const hour = hours.find(({ name }) => name === '2017-01-06T23');
    expect(hour).toMatchObject({ start: '2017-01-06T23:00:00.000Z', end: '2017-01-07T00:00:00.000Z' });
    for (const basket of hour?.baskets ?? [])
      expect(basket).toContain('"transaction_timestamp":"2017-01-06T23:');
  });
});

describe('movements', () => {
  it('are what was sold, as a negative change, and nothing where nothing was', () => {
    const basket = JSON.stringify({
      store_id: 'STORE_1',
      transaction_timestamp: '2017-01-06T14:00:00Z',
      items: [
        { product_id: '7', quantity: 3 },
        { product_id: '8', quantity: 0 },
      ],
    });
    expect(movementsOf([basket]).map((line): unknown => JSON.parse(line))).toEqual([
      { store_id: 'STORE_1', sku: '7', quantity_change: -3, event_ts: '2017-01-06T14:00:00Z' },
    ]);
  });

  it('of the sample are whole numbers below zero', () => {
    const lines = hours.flatMap(({ baskets }) => movementsOf(baskets));
    expect(lines.length).toBeGreaterThan(9_000);
    for (const line of lines) expect(line).toMatch(/"quantity_change":-[1-9]\d*,/);
  });
});

describe('landing', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weir-hours-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('puts whole files under their names and leaves nothing else', async () => {
    const hour = hours[14]!;
    await land(folder, deliveriesOf(hour));
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual([
      'pos_events',
      'pos_events/2017-01-06T14.jsonl',
      'transactions',
      'transactions/2017-01-06T14.jsonl',
    ]);
    const landed = await readFile(join(folder, 'transactions/2017-01-06T14.jsonl'));
    expect(Buffer.from(sample).indexOf(landed)).toBeGreaterThan(0);
  });

  it('of an hour without a basket puts no file', () => {
    expect(deliveriesOf(hours[8]!)).toEqual([]);
  });

  it('again under the same name replaces the file', async () => {
    await land(folder, [{ file: 'transactions/a.jsonl', lines: ['1', '2'] }]);
    await land(folder, [{ file: 'transactions/a.jsonl', lines: ['3'] }]);
    expect(await readFile(join(folder, 'transactions/a.jsonl'), 'utf8')).toBe('3\n');
  });
});
