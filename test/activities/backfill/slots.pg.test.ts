import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { modelDurations } from '../../../activities/backfill/facts.ts';
import { countSlots, nextSlots, publishedRange, type Slots } from '../../../activities/backfill/slots.ts';
import { surveyBackfill } from '../../../activities/backfill/survey.ts';
import { folders, openShop, runOf } from '../shop.ts';
import type { Shop } from '../shop.ts';

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(async () => {
  await shop.database.drop();
});

const MODELS = [
  { name: 'a', sqlHash: 'a1' },
  { name: 'b', sqlHash: 'b1' },
];
const DAY: Slots = {
  pipeline: 'hourly',
  from: '2017-01-02T00:00:00Z',
  to: '2017-01-03T00:00:00Z',
  missedOnly: false,
  again: false,
};
const NEXT = { after: null, limit: 100, newestFirst: false };

function hour(start: number): string {
  return new Date(Date.parse(DAY.from) + start * 3_600_000).toISOString();
}

interface Past {
  readonly model: string;
  readonly hash?: string;
  readonly start?: number;
  readonly hours?: number;
  readonly slot?: number;
  readonly state?: string;
  readonly tookMs?: number;
}

/** Writes a load into the ledger as if it had been. */
async function past({
  model,
  hash = `${model}1`,
  start,
  hours = 1,
  slot,
  state = 'published',
  tookMs = 0,
}: Past) {
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
      interval_start, interval_end, slot_end, as_of, sql_hash, opened_at, published_at)
    values (${model}, 'hourly', 'x', 'x', ${state}, '{"kind": "whole"}', '', 1,
      ${start === undefined ? null : hour(start)}, ${start === undefined ? null : hour(start + hours)},
      ${slot === undefined ? null : hour(slot)}, now(), ${hash},
      now() - make_interval(secs => ${tookMs / 1000}), now())`.execute(shop.admin);
}

const loader = () => shop.database.databases.loader;

describe('what is done', () => {
  test('is an interval that every model has loaded, with the SQL that it has now', async () => {
    await past({ model: 'a', start: 0 });
    await past({ model: 'b', start: 0, state: 'empty' });
    await past({ model: 'a', start: 1 });
    await past({ model: 'a', start: 2 });
    await past({ model: 'b', start: 2, hash: 'b0' });
    await past({ model: 'a', start: 3 });
    await past({ model: 'b', start: 3, state: 'abandoned' });
    await past({ model: 'a', start: 4 });
    await past({ model: 'b', start: 4, hours: 2 });
    expect(await countSlots(loader(), DAY, MODELS)).toEqual({ intervals: 24, done: 1 });
    expect(await countSlots(loader(), DAY, MODELS.slice(0, 1))).toEqual({ intervals: 24, done: 5 });
    const next = await nextSlots(loader(), DAY, MODELS, { ...NEXT, limit: 3 });
    expect(next).toEqual({ starts: [1, 2, 3].map(hour), skipped: 1, more: true });
  });

  test('is what the last load of it made: a SELECT that was changed and changed back is loaded again', async () => {
    const [a] = MODELS;
    if (a === undefined) throw new Error('no model');
    await past({ model: 'a', start: 0 });
    await past({ model: 'a', start: 0, hash: 'a2' });
    await past({ model: 'a', start: 1, hash: 'a2' });
    await past({ model: 'a', start: 1 });
    await past({ model: 'a', start: 1, hash: 'a2', state: 'abandoned' });
    expect(await countSlots(loader(), DAY, [a])).toEqual({ intervals: 24, done: 1 });
    expect((await nextSlots(loader(), DAY, [a], { ...NEXT, limit: 2 })).starts).toEqual([0, 2].map(hour));
  });

  test('is skipped and counted between those that are handed out, from either end, until there are none', async () => {
    for (const start of [0, 3, 4, 5, 23]) for (const model of ['a', 'b']) await past({ model, start });
    for (const newestFirst of [false, true]) {
      const starts: string[] = [];
      let skipped = 0;
      for (let after: string | null = null, more = true; more;) {
        const next = await nextSlots(loader(), DAY, MODELS, { after, limit: 7, newestFirst });
        starts.push(...next.starts);
        skipped += next.skipped;
        more = next.more;
        after = next.starts.at(-1) ?? after;
      }
      const wanted = Array.from({ length: 24 }, (_, start) => start).filter(
        (start) => ![0, 3, 4, 5, 23].includes(start),
      );
      expect(starts).toEqual((newestFirst ? wanted.toReversed() : wanted).map(hour));
      expect(skipped).toBe(5);
    }
    expect((await nextSlots(loader(), { ...DAY, again: true }, MODELS, NEXT)).starts).toHaveLength(24);
  });
});

describe('what schedules missed', () => {
  test('lies between the first and the last slot that were published', async () => {
    for (const slot of [2, 3, 6, 9]) await past({ model: 'a', slot });
    await past({ model: 'b', slot: 4, state: 'abandoned' });
    await past({ model: 'a', start: 6 });
    const range = await publishedRange(loader(), 'hourly', hour(0));
    expect(range).toEqual({ from: hour(2), to: hour(9) });
    expect(await publishedRange(loader(), 'hourly', hour(7))).toBeNull();
    expect(await publishedRange(loader(), 'daily', hour(0))).toBeNull();
    const missed = { ...DAY, ...range, missedOnly: true };
    // A run that failed is no missed one: the next has read what it was to read.
    expect(await countSlots(loader(), missed, MODELS.slice(0, 1))).toEqual({ intervals: 3, done: 1 });
    const { starts, skipped } = await nextSlots(loader(), missed, MODELS.slice(0, 1), NEXT);
    expect(starts).toEqual([4, 7].map(hour));
    expect(skipped).toBe(1);
  });
});

test('a slot in local time is none that was missed, though it ends at no whole day of UTC', async () => {
  const days: Slots = {
    ...DAY,
    pipeline: 'daily',
    missedOnly: true,
    from: hour(0),
    to: hour(72),
  };
  for (const slot of [29, 77]) await past({ model: 'a', slot });
  await sql`update control.load set pipeline = 'daily'`.execute(shop.admin);
  expect((await nextSlots(loader(), days, MODELS, NEXT)).starts).toEqual([hour(24)]);
});

describe('a look ahead', () => {
  test('takes the middle of what loads by event time took, else of any', async () => {
    for (const tookMs of [100, 300, 900]) await past({ model: 'a', start: 1, tookMs });
    for (let count = 0; count < 50; count += 1) await past({ model: 'b', tookMs: 200 });
    await past({ model: 'b', tookMs: 90_000, state: 'abandoned' });
    expect(await modelDurations(loader(), ['a', 'b', 'c'])).toEqual([
      { model: 'a', ms: 300 },
      { model: 'b', ms: 200 },
      { model: 'c', ms: null },
    ]);
  });

  test('counts rows as a load would read them, and names what is left as it stands', async () => {
    await shop.land(
      [
        { id: 'a', at: '2017-01-02T08:00:00' },
        { id: 'b', at: '2017-01-02T23:59:59' },
        { id: 'c', at: '2017-01-03T00:00:00' },
      ],
      { file: 'one' },
    );
    await shop.retract('none', 1);
    const survey = await surveyBackfill(loader(), folders, {
      pipeline: 'hourly',
      range: DAY,
      models: ['stg_transactions', 'fct_daily_sales'],
      again: false,
      now: hour(48),
    });
    expect(survey).toMatchObject({
      intervals: 24,
      done: 0,
      missedOnly: false,
      sources: ['raw_transactions'],
      rows: [{ relation: 'raw_transactions', rows: 2, counted: true }],
    });
    await shop.load('stg_transactions', runOf('past'), {
      interval: { start: hour(8), end: hour(9) },
    });
    const again = {
      pipeline: 'hourly',
      range: DAY,
      models: ['stg_transactions'],
      again: false,
      now: hour(48),
    } as const;
    expect(await surveyBackfill(loader(), folders, again)).toMatchObject({ done: 1 });
    await expect(
      surveyBackfill(loader(), folders, { ...again, pipeline: 'daily', models: null }),
    ).rejects.toMatchObject({
      type: 'InvalidInput',
      message: expect.stringContaining('has nothing to backfill'),
    });
  });
});
