import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readGraph } from '../../../activities/repository.ts';
import { isSilent, speakingSources } from '../../../activities/sample/rhythm.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { folders } from '../shop.ts';
import { delivered, loaded, sampler } from './clockwork.ts';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

const [HOUR, WEEK] = [60, 7 * 24 * 60];
const source = 'raw_transactions';

/** Files at five past nine of the Mondays before, all but those left out; and the loads of this Monday that looked. */
async function mondays(weeks: number, without: readonly number[] = []): Promise<void> {
  // Known for longer: a first week without its hour before it would not count.
  await delivered(database.admin, source, -weeks * WEEK);
  for (let ago = 1; ago <= weeks; ago += 1)
    if (!without.includes(ago)) await delivered(database.admin, source, 9 * HOUR + 5 - ago * WEEK);
  await delivered(database.admin, source, 8 * HOUR + 5);
}

async function looked(...at: readonly number[]): Promise<void> {
  for (const one of at) await loaded(database.admin, { model: 'stg_transactions', at: one, state: 'empty' });
}

const silences = (pages: readonly { readonly alarm: string }[]) =>
  pages.filter(({ alarm }) => alarm === 'sourceSilent');

it('a source that always spoke in this hour and does not is silent, ten minutes late; it ends with the next arrival', async () => {
  await mondays(8, [3]);
  await looked(8 * HOUR + 5, 9 * HOUR + 5, 9 * HOUR + 20, 10 * HOUR + 5, 11 * HOUR + 5, 12 * HOUR + 5);
  const monitor = sampler(database);
  expect(silences(await monitor.through(9 * HOUR + 5, 9 * HOUR + 14))).toEqual([]);
  const raised = silences(await monitor.through(9 * HOUR + 15, 9 * HOUR + 17));
  expect(raised).toMatchObject([
    {
      state: 'raised',
      subject: source,
      // Its header says tier 1.
      severity: 'critical',
      owner: 'store-data',
      relation: source,
      runbook: 'docs/runbooks/source-silent.md',
      summary:
        'raw_transactions has brought nothing since 2017-01-30 08:05 UTC; in this hour of the week it does: in 7 of the last 8 weeks it had by now',
    },
  ]);
  // An hour in which it never speaks does not end it.
  expect(silences(await monitor.through(11 * HOUR, 11 * HOUR + 10))).toEqual([]);
  await delivered(database.admin, source, 11 * HOUR + 30);
  expect(silences(await monitor.through(11 * HOUR + 29, 11 * HOUR + 32))).toMatchObject([
    { state: 'cleared', summary: 'raw_transactions has brought something again, 2017-01-30 11:30 UTC' },
  ]);
});

it.each([
  ['has nothing to say: it was quiet in this hour before', 8, [1, 3], true],
  ['is too new to have a rhythm', 3, [], true],
  ['was not looked at, so nobody knows', 8, [], false],
])('a source that %s is not called silent', async (_, weeks, without, someoneLooks) => {
  await mondays(weeks, without);
  if (someoneLooks) await looked(9 * HOUR + 5, 9 * HOUR + 20);
  expect(silences((await sampler(database).at(9 * HOUR + 30)).pages)).toEqual([]);
});

it('what is silent explains the models that grow old by it', async () => {
  await mondays(8);
  await looked(9 * HOUR + 5);
  await loaded(database.admin, { model: 'stg_transactions', at: 8 * HOUR + 5 });
  const monitor = sampler(database);
  await monitor.at(9 * HOUR + 15);
  await loaded(database.admin, { model: 'stg_transactions', at: 9 * HOUR + 19, state: 'empty' });
  const pages = await monitor.through(9 * HOUR + 16, 9 * HOUR + 30);
  expect(pages.filter(({ subject }) => subject === 'stg_transactions')).toMatchObject([
    {
      alarm: 'freshness',
      because: 'weir/test/raw_transactions/sourceSilent',
      runbook: 'docs/runbooks/freshness.md#source-silent',
      details: {
        late_station: 'source silent: raw_transactions has brought nothing since 2017-01-30 08:05 UTC',
      },
    },
  ]);
});

it('a night without arrivals makes no model late whose source is always quiet then; one that fell silent before it does', async () => {
  const nights = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  // Every hour until ten in the evening of each Sunday, and until eight of this one.
  for (const ago of nights)
    for (let hour = 1; hour <= (ago === 0 ? 2 : 4); hour += 1)
      await delivered(database.admin, source, -6 * HOUR + hour * HOUR + 5 - ago * WEEK);
  const monitor = sampler(database);
  const night = async (published: number) => {
    await sql`truncate control.load, control.freshness_sample, control.objective_alarm cascade`.execute(
      database.admin,
    );
    await loaded(database.admin, { model: 'stg_transactions', at: published });
    for (let at = published + HOUR; at <= 4 * HOUR; at += HOUR)
      await loaded(database.admin, { model: 'stg_transactions', at, state: 'empty' });
    const pages = [];
    for (const hour of [-2, -1, 0, 1, 2, 3])
      pages.push(...(await monitor.through(hour * HOUR + 20, hour * HOUR + 26)));
    const { rows } = await sql<{ station: string }>`
      select station from control.freshness_sample
      where model = 'stg_transactions' and sampled_at > '2017-01-30T02:00Z'`.execute(database.admin);
    return {
      told: pages
        .filter(({ subject }) => ['stg_transactions', source].includes(subject))
        .map(({ alarm, state }) => `${alarm} ${state}`),
      stations: [...new Set(rows.map(({ station }) => station))],
    };
  };
  expect(await night(-4 * HOUR + 5)).toEqual({
    told: ['sourceSilent raised', 'freshness raised'],
    stations: ['source silent'],
  });
  for (const hour of [3, 4]) await delivered(database.admin, source, -6 * HOUR + hour * HOUR + 5);
  expect(await night(-2 * HOUR + 5)).toEqual({ told: [], stations: ['nothing to say'] });
});

it('of the state of another database nothing new is no news', async () => {
  const names = speakingSources(await readGraph(folders)).map(({ name }) => name);
  expect(names).toContain(source);
  expect(names).not.toContain('raw_stores');
});

it('is never silent that spoke, that nobody looked at, or that was known for less than four weeks', async () => {
  const [raw] = speakingSources(await readGraph(folders));
  if (raw === undefined) throw new Error('there is a source that speaks');
  const rhythms = fc.record({
    spoke: fc.boolean(),
    looked: fc.boolean(),
    weeks: fc.integer({ min: 0, max: 8 }),
    heard: fc.integer({ min: 0, max: 8 }),
  });
  fc.assert(
    fc.property(rhythms, (one) => {
      fc.pre(one.heard <= one.weeks);
      const silent = isSilent({ source: raw, lastArrival: null, ...one });
      if (one.spoke || !one.looked || one.weeks < 4) expect(silent).toBe(false);
      if (silent) expect(one.heard / one.weeks).toBeGreaterThanOrEqual(7 / 8);
    }),
  );
  const { rows } = await sql`select 1 from control.objective_alarm`.execute(database.admin);
  expect(rows).toEqual([]);
});
