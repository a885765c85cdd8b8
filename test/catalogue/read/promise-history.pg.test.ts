import fc from 'fast-check';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  readBoundsHolding,
  readPromiseHistories,
  readPromisesOf,
} from '../../../catalogue/read/promise-history.ts';
import type { PromiseHistory } from '../../../catalogue/read/promise-history.ts';
import { readSite } from '../../../catalogue/read-site.ts';
import type { Site } from '../../../catalogue/site.ts';
import { loginUrl } from '../../../infra/local/logins.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { folders } from '../../activities/shop.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';

let database: FreshDatabase;
let reader: ReturnType<typeof openDatabase>;
let site: Site;
beforeEach(async () => {
  database = await freshDatabase();
  reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 2);
  const links = { temporalUi: null, namespace: 'default', repositoryUrl: null };
  site = await readSite({ database: reader, folders, environment: 'test', links });
});
afterEach(async () => {
  await reader.destroy();
  await database.drop();
});

/** Promises of one gate: the first about a value between 10 and 90, the second about rows. */
async function promise(count: number, gate = 'output'): Promise<void> {
  await sql`insert into control.promise (model, gate, suite, key, place, type, column_name, unit)
    select 'm', ${gate}, 's', 'key ' || n, n, 'type ' || n, 'c', case when n = 0 then 'value' else 'share' end
    from generate_series(0, ${count - 1}::int) as n`.execute(database.admin);
}

/** Evaluations of the gate, so many minutes ago, each with a value or as one that could not be checked. */
async function evaluate(
  evaluations: readonly { readonly minutes: number; readonly value: number | null; readonly error?: true }[],
): Promise<void> {
  await sql`
    with given as (
      select minutes, value, error, ${site.at}::timestamptz - make_interval(secs => minutes * 60) as at
      from unnest(${evaluations.map(({ minutes }) => minutes)}::float8[], ${evaluations.map(({ value }) => value)}::float8[],
        ${evaluations.map(({ error }) => error === true)}::bool[]) as t (minutes, value, error)
    ), run as (
      insert into control.gate_run (verdict_id, model, gate, suite, suite_hash, outcome, expectations_evaluated,
        expectations_failed, as_of, workflow_id, run_id, evaluated_at)
      select gen_random_uuid(), 'm', 'output', 's', '', case when error then 'error' else 'pass' end, 0, 0, at, 'w', 'r', at
      from given order by minutes desc
      returning evaluation_id, evaluated_at, outcome
    )
    insert into control.promise_result (evaluation_id, evaluated_at, promise_id, outcome, severity, unexpected, elements,
      observed, lower, upper)
    select run.evaluation_id, at, p.promise_id,
      (case when value is null then 'errored' when value between 10 and 90 then 'held' else 'broken' end)::control.promise_outcome,
      'critical', case when p.unit = 'share' then 100 - value end, case when p.unit = 'share' and value is not null then 100 end,
      case when p.unit = 'value' then value end, case p.unit when 'value' then 10 else 0.95 end,
      case p.unit when 'value' then 90 end
    from run join given on given.at = run.evaluated_at cross join control.promise as p
    where run.outcome <> 'error' and p.gate = 'output'`.execute(database.admin);
}

async function histories(days: number): Promise<readonly PromiseHistory[]> {
  return readPromiseHistories(site, { suite: 's' }, { days });
}

describe('a past', () => {
  test('there is none of a suite that nobody has asked', async () => {
    expect(await histories(30)).toEqual([]);
    expect(await readPromisesOf(site, 1)).toEqual([]);
    expect(await readBoundsHolding(site, [])).toEqual(new Map());
    await promise(1);
    expect(await histories(30)).toMatchObject([
      { latest: null, strip: [], series: [], evaluations: 0, current: false },
    ]);
  });

  test('its strip is the last sixty evaluations of the gate, those that could not be checked among them', async () => {
    await promise(2);
    const evaluations = Array.from({ length: 70 }, (_, n) => ({ minutes: 70 - n, value: n }));
    await evaluate(evaluations.map((one) => (one.value % 10 === 3 ? { ...one, error: true } : one)));
    const [first, second] = await histories(1);
    expect(first?.strip.map(({ observed }) => observed)).toEqual(
      Array.from({ length: 60 }, (_, n) => ((n + 10) % 10 === 3 ? null : n + 10)),
    );
    expect(first?.strip[3]).toMatchObject({ outcome: 'errored', severity: null, lower: null });
    expect(second?.latest).toMatchObject({ unexpected: 31, elements: 100, observed: null, lower: 0.95 });
    expect(first?.evaluations).toBe(63);
  });

  test('by gate: other gates of the suite, and other suites, are left out', async () => {
    await promise(1);
    await promise(1, 'input');
    expect(await histories(30)).toHaveLength(2);
    const [only, ...others] = await readPromiseHistories(site, { model: 'm', gate: 'input' }, { days: 30 });
    expect([only?.gate, others]).toEqual(['input', []]);
  });
});

/** As the series should be, counted here. */
function checkSeries(history: PromiseHistory | undefined, values: readonly (number | null)[]): void {
  const numbers = values.filter((value) => value !== null);
  const { series = [], evaluations } = history ?? {};
  expect(evaluations).toBe(values.length);
  expect(series.length).toBeLessThanOrEqual(120);
  if (numbers.length === 0) return expect(series).toEqual([]);
  expect(Math.min(...series.map(({ low }) => low))).toBe(Math.min(...numbers));
  expect(Math.max(...series.map(({ high }) => high))).toBe(Math.max(...numbers));
  expect(series.at(-1)?.last).toBe(numbers.at(-1));
  for (const [place, { from, to, low, high, last, lower, upper }] of series.entries()) {
    expect(from.getTime()).toBeLessThan(to.getTime());
    expect(from.getTime()).toBeGreaterThanOrEqual(series[place - 1]?.to.getTime() ?? 0);
    expect(low <= last && last <= high).toBe(true);
    expect([lower, upper]).toEqual([10, 90]);
  }
}

describe('a series', () => {
  const evaluation = fc.record({
    minutes: fc.integer({ min: 1, max: 28 * 24 * 60 }),
    value: fc.option(fc.integer({ min: 0, max: 100 }), { freq: 5 }),
  });

  test('has the lowest, the highest and the last of whatever was observed, in at most 120 buckets', async () => {
    await promise(1);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(evaluation, { maxLength: 200, selector: ({ minutes }) => minutes }),
        fc.constantFrom(28.5, 30, 90, 400),
        async (given, days) => {
          await sql`truncate control.promise_result, control.promise_span`.execute(database.admin);
          const ordered = given.toSorted((a, b) => b.minutes - a.minutes);
          // Whichever comes first, a span is what its results are.
          const half = Math.floor(ordered.length / 2);
          await evaluate(ordered.slice(0, half));
          await evaluate(ordered.slice(half));
          checkSeries(
            (await histories(days))[0],
            ordered.map(({ value }) => value),
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  test('of so many that spans stand for them says the same', async () => {
    await promise(1);
    const length = 20_500;
    const given = Array.from({ length }, (_, n) => ({ minutes: length - n, value: (n * 7919) % 101 }));
    await evaluate(given);
    const [history] = await histories(30);
    checkSeries(
      history,
      given.map(({ value }) => value),
    );
    expect(history?.series.every(({ from }) => from.getTime() % (6 * 3_600_000) === 0)).toBe(true);
    expect(history?.series.reduce((sum, bucket) => sum + bucket.evaluations, 0)).toBe(length);
    expect(history?.broken).toBe(given.filter(({ value }) => value < 10 || value > 90).length);
  });
});

test('bounds that would hold are values that occurred, on the sides that the promise has', async () => {
  await promise(2);
  await evaluate(Array.from({ length: 100 }, (_, n) => ({ minutes: 100 - n, value: n + 1 })));
  const ids = (await histories(1)).map(({ promiseId }) => promiseId);
  const found = await readBoundsHolding(site, ids);
  const [value, share] = ids.map((id) => found.get(id));
  expect(value).toMatchObject({ evaluations: 100, unit: 'value', lower: 2, upper: 99 });
  expect(share).toMatchObject({ evaluations: 100, unit: 'share', lower: 0.02, upper: null });
  expect((await readBoundsHolding(site, ids, 1)).get(ids[0] ?? 0)).toMatchObject({ lower: 1, upper: 100 });
  expect((await readBoundsHolding(site, ids, 0.5)).get(ids[0] ?? 0)).toMatchObject({ lower: 50, upper: 50 });
});
