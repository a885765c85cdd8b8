import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../../activities/gate.ts';
import type { GateInput } from '../../../activities/gate.ts';
import { readPromiseHistories, readPromisesOf } from '../../../catalogue/read/promise-history.ts';
import type { AskedPromise, PromiseHistory } from '../../../catalogue/read/promise-history.ts';
import { readSite } from '../../../catalogue/read-site.ts';
import type { Site } from '../../../catalogue/site.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import type { Verdict } from '../../../expectations/verdict.ts';
import { loginUrl } from '../../../infra/local/logins.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { expectation } from '../../expectations/suite-text.ts';
import { until } from '../../poll.ts';
import { folders, openShop, runOf } from '../shop.ts';
import type { Sale, Shop } from '../shop.ts';

const run = runOf('hour-10');
const at = '2017-01-30T23:30:00';
/** In a column marked personal, and in a condition. */
const CANARY = 'HH-4711-CANARY';

let shop: Shop;
let copy: string;
let reader: ReturnType<typeof openDatabase>;
beforeEach(async () => {
  shop = await openShop();
  copy = await mkdtemp(join(tmpdir(), 'weir-promises-'));
  await cp(folders.suitesFolder, copy, { recursive: true });
  reader = openDatabase(loginUrl(shop.database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 2);
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001')`.execute(shop.admin);
});
afterEach(async () => {
  await reader.destroy();
  await shop.database.drop();
  await rm(copy, { recursive: true, force: true });
});

const file = (): string => join(copy, 'transactions.json');
const files = () => ({ ...folders, suitesFolder: copy });

/** Changes the suite as somebody who edits its file. */
async function edit(change: (promises: readonly JsonObject[]) => readonly JsonObject[]): Promise<void> {
  const suite: JsonObject & { expectations: JsonObject[] } = JSON.parse(await readFile(file(), 'utf8'));
  await writeFile(file(), JSON.stringify({ ...suite, expectations: change(suite.expectations) }));
}

async function open(sales: readonly Sale[]): Promise<number> {
  await shop.land(sales, { file: 'hour-10.jsonl' });
  return (await shop.openWindow('stg_transactions', run)).loadId;
}

function look(loadId: number, more: Partial<GateInput> = {}): Promise<Verdict> {
  const { gate } = createGate({ databases: shop.database.databases, folders: files() });
  return gate({ loadId, model: 'stg_transactions', gate: 'input', suite: 'transactions', run, ...more });
}

async function site(): Promise<Site> {
  const links = { temporalUi: null, namespace: 'default', repositoryUrl: null };
  return readSite({ database: reader, folders, environment: 'test', links });
}

async function asked({ evaluationId }: Verdict): Promise<readonly AskedPromise[]> {
  return readPromisesOf(await site(), evaluationId);
}

async function histories(): Promise<readonly PromiseHistory[]> {
  return readPromiseHistories(await site(), { suite: 'transactions' }, { days: 30 });
}

function times<T>(count: number, one: T): readonly T[] {
  return Array.from({ length: count }, () => one);
}

const sales: readonly Sale[] = [
  { id: 'T1', at },
  { id: 'T2', at, amount: 100_001 },
];

describe('what a gate keeps of its promises', () => {
  test('each with what was counted or measured and the bounds of then, in the order of the suite', async () => {
    const promises = await asked(await look(await open(sales)));
    expect(promises.map(({ place }) => place)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(promises[4]).toMatchObject({
      key: 'expect_column_values_to_be_between total_amount',
      column: 'total_amount',
      unit: 'share',
      outcome: 'broken',
      severity: 'critical',
      ...{ unexpected: 1, elements: 2, observed: null, lower: 1, upper: null },
    });
    expect(promises[5]).toMatchObject({
      type: 'expect_column_max_to_be_between',
      ...{ unit: 'age', outcome: 'held', observed: 1800, lower: null, upper: 3600, unexpected: null },
    });
    expect(promises.at(-1)).toMatchObject({ unit: 'value', observed: 2, lower: 1, upper: 20_000_000 });
  });

  test('an edit of the suite keeps the past: other bounds, other severity, another order', async () => {
    const loadId = await open(sales);
    const before = await asked(await look(loadId));
    await edit((promises) =>
      promises.toReversed().map((one) => {
        const isAmount = JSON.stringify(one).includes('total_amount');
        const kwargs = { column: 'total_amount', min_value: 0, max_value: 200_000, mostly: 0.5 };
        return isAmount ? { ...one, severity: 'warning', kwargs } : one;
      }),
    );
    const after = await asked(await look(loadId));
    const byKey = (list: readonly AskedPromise[]) => new Map(list.map((one) => [one.key, one.promiseId]));
    expect(byKey(after)).toEqual(byKey(before));
    const amount = (await histories()).find(({ column }) => column === 'total_amount');
    expect(amount).toMatchObject({ place: 3, current: true, evaluations: 2, broken: 1 });
    expect(amount?.strip).toMatchObject([
      { outcome: 'broken', severity: 'critical', lower: 1 },
      { outcome: 'held', severity: 'warning', lower: 0.5 },
    ]);
    expect(amount?.latest).toEqual(amount?.strip[1]);
  });

  test('a gate that cannot be checked has a verdict whatever its suite calls its parameters', async () => {
    const named = {
      type: 'expect_table_row_count_to_be_between',
      kwargs: { min_value: { $PARAMETER: 'a\u0000' } },
    };
    await edit((promises) => [...promises, named]);
    const verdict = await look(await open(sales));
    expect(verdict).toMatchObject({ outcome: 'error', blocks: true });
    const kept = await shop.admin.selectFrom('control.gate_run').select('reason').executeTakeFirst();
    expect(kept?.reason).toContain('a\ufffd');
  });

  test('a promise that is known spends no number of its sequence', async () => {
    const loadId = await open(sales);
    for (const _ of [1, 2, 3]) await look(loadId);
    const { rows } = await sql`select last_value from control.promise_promise_id_seq`.execute(shop.admin);
    expect(rows).toEqual([{ last_value: 8 }]);
  });

  test('two of the same type and column are two, each with its own past', async () => {
    const loadId = await open(sales);
    const twice = (most: number, severity: string): JsonObject =>
      expectation(
        'expect_column_max_to_be_between',
        { column: 'total_amount', max_value: most },
        { severity },
      );
    await edit((promises) => [...promises, twice(1e6, 'critical'), twice(10, 'info')]);
    for (const _ of [1, 2]) await look(loadId);
    const both = (await histories()).filter(
      ({ type, column }) => type === 'expect_column_max_to_be_between' && column === 'total_amount',
    );
    expect(both.map(({ key }) => key)).toEqual([
      'expect_column_max_to_be_between total_amount',
      'expect_column_max_to_be_between total_amount #2',
    ]);
    expect(both.map(({ strip }) => strip.map(({ upper, outcome }) => [upper, outcome]))).toEqual([
      times(2, [1e6, 'held']),
      times(2, [10, 'broken']),
    ]);
  });

  test('what is asked of other rows, or by another query, is another promise; neither is told in its key', async () => {
    const loadId = await open(sales);
    const of = (more: JsonObject) =>
      expectation('expect_table_row_count_to_be_between', { min_value: 0, ...more });
    const where = (value: string) =>
      of({ row_condition: `col("customer_id") == "${value}"`, condition_parser: 'great_expectations' });
    const query = (text: string) =>
      expectation('unexpected_rows_expectation', { unexpected_rows_query: text }, { severity: 'info' });
    const [one, other] = ['select 1 from {batch} where false', `select '${CANARY}' from {batch} where false`];
    await edit((promises) => [...promises, where(CANARY), where('x'), query(one), query(other)]);
    const first = await asked(await look(loadId));
    await edit((promises) => [...promises.slice(0, -4), query(other), where('x'), where(CANARY), query(one)]);
    const second = await asked(await look(loadId));
    const keys = (list: readonly AskedPromise[]) => list.map(({ key }) => key).toSorted();
    expect(keys(second)).toEqual(keys(first));
    expect(new Set(keys(first)).size).toBe(12);
    expect(JSON.stringify(first)).not.toContain(CANARY);
    // A count of rows that a personal column chooses is one about who is in it.
    const counted = first.filter(({ key }) => / where /.test(key));
    expect(counted).toMatchObject(times(2, { observed: null, lower: null, unit: null }));
  });

  test('nothing is kept of a personal column but counts', async () => {
    const loadId = await open(sales);
    await sql`update bronze.raw_transactions set customer_id = ${CANARY}`.execute(shop.admin);
    const about = (type: string, more: JsonObject) =>
      expectation(type, { column: 'customer_id', ...more }, { severity: 'info' });
    await edit((promises) => [
      ...promises,
      about('expect_column_max_to_be_between', {}),
      about('expect_column_unique_value_count_to_be_between', { max_value: 4711 }),
      about('expect_column_most_common_value_to_be_in_set', { value_set: [CANARY] }),
      about('expect_column_values_to_be_in_set', { value_set: ['nobody'] }),
    ]);
    const promises = (await asked(await look(loadId))).slice(8);
    expect(promises).toHaveLength(4);
    for (const one of promises) expect(one, one.type).toMatchObject({ observed: null, upper: null });
    expect(promises.at(-1)).toMatchObject({ unexpected: 2, elements: 2, lower: 1 });
    const { rows } = await sql`
      select to_jsonb(p) as one from control.promise as p union all select to_jsonb(r) from control.promise_result as r
      union all select to_jsonb(s) from control.promise_span as s`.execute(shop.admin);
    expect(JSON.stringify(rows)).not.toMatch(/CANARY|4711/);
  });

  test('names that no text of Postgres can be are kept as near as may be', async () => {
    const loadId = await open(sales);
    const column = (name: string) =>
      expectation('expect_column_max_to_be_between', { column: name }, { severity: 'info' });
    const long = 'c'.repeat(5000);
    await edit((promises) => [...promises, column('a\u0000'), column('a\ud83d'), column(long)]);
    const promises = (await asked(await look(loadId))).slice(8);
    expect(promises.map(({ outcome }) => outcome)).toEqual(['errored', 'errored', 'errored']);
    expect(promises.map(({ column: name }) => name?.slice(0, 3))).toEqual(['a\ufffd', 'a\ufffd', 'ccc']);
  });
});

describe('evaluations', () => {
  test('one that keeps its verdict has rows of its own', async () => {
    const loadId = await open(sales);
    const first = await look(loadId);
    const again = await look(loadId, { previous: { verdictId: first.verdictId } });
    expect(again.verdictId).toBe(first.verdictId);
    expect(again.evaluationId).not.toBe(first.evaluationId);
    expect(await asked(again)).toHaveLength(8);
    expect((await histories()).map(({ strip }) => strip.length)).toEqual(times(8, 2));
  });

  test('one that is killed while it stores has stored nothing', async () => {
    const loadId = await open(sales);
    const counted = sql<{ runs: number; promises: number; results: number; spans: number }>`
      select (select count(*) from control.gate_run) as runs, (select count(*) from control.promise) as promises,
        (select count(*) from control.promise_result) as results, (select count(*) from control.promise_span) as spans`;
    let looking: Promise<unknown> = Promise.resolve();
    await shop.admin.transaction().execute(async (trx) => {
      await sql`lock table control.promise_span in access exclusive mode`.execute(trx);
      looking = look(loadId).catch((error: unknown) => error);
      await until(
        async () => {
          const { rows } = await sql<{ pid: number }>`
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and usename = 'weir_loader' and wait_event_type = 'Lock'
            and query like '%with asked as%'`.execute(shop.admin);
          return rows.length > 0;
        },
        { what: 'the gate stores its promises' },
      );
      expect(await looking).toBeInstanceOf(Error);
    });
    expect((await counted.execute(shop.admin)).rows).toEqual([
      { runs: 0, promises: 0, results: 0, spans: 0 },
    ]);
    await look(loadId);
    expect((await counted.execute(shop.admin)).rows).toEqual([
      { runs: 1, promises: 8, results: 8, spans: 8 },
    ]);
  });

  test('two at once write each promise once, and both their results', async () => {
    const loadId = await open(sales);
    const verdicts = await Promise.all([1, 2, 3, 4].map(() => look(loadId)));
    for (const verdict of verdicts) expect(await asked(verdict)).toHaveLength(8);
    const found = await histories();
    expect(found).toHaveLength(8);
    expect(found.map(({ evaluations }) => evaluations)).toEqual(times(8, 4));
  });

  test('of a suite whose file is broken every promise is errored, for as long as it is', async () => {
    const loadId = await open(sales);
    await look(loadId);
    const text = await readFile(file(), 'utf8');
    await writeFile(file(), '{');
    const broken = await look(loadId);
    expect(broken).toMatchObject({ outcome: 'error' });
    expect(await asked(broken)).toEqual([]);
    const while_ = await histories();
    expect(while_.map(({ latest }) => [latest?.outcome, latest?.severity])).toEqual(
      times(8, ['errored', null]),
    );
    expect(while_[0]).toMatchObject({
      current: true,
      evaluations: 1,
      latest: { verdictId: broken.verdictId },
    });
    await writeFile(file(), text);
    await look(loadId);
    const outcomes = (await histories())[0]?.strip.map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['held', 'errored', 'held']);
  });

  test('a promise that is made no more is not current, and what its gate did since is not its past', async () => {
    const loadId = await open(sales);
    await look(loadId);
    await edit((promises) => promises.slice(1));
    await look(loadId);
    await writeFile(file(), '{');
    await look(loadId);
    const [gone, ...others] = (await histories()).toSorted((a, b) => Number(a.current) - Number(b.current));
    expect(gone).toMatchObject({ current: false, column: 'transaction_id', strip: [{ outcome: 'held' }] });
    expect(others.every(({ current, strip }) => current && strip.length === 3)).toBe(true);
  });
});
