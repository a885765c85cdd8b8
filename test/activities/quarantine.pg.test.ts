import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Quarantined } from '../../activities/quarantine.ts';
import { openDatabase } from '../../workers/databases.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { until } from '../poll.ts';
import { aside, gatedShop, knownStores, MODEL, sale } from './quarantine/gated-shop.ts';
import type { GatedLoad, GatedShop } from './quarantine/gated-shop.ts';
import { runOf } from './shop.ts';

let shop: GatedShop;
beforeEach(async () => {
  shop = await gatedShop();
});
afterEach(() => shop.close());

/** Two good rows and one of a store nobody knows. */
async function landOneBad(): Promise<GatedLoad> {
  await shop.promise(MODEL, [knownStores()]);
  await shop.land([sale('a'), sale('b'), sale('bad', 'STORE_99999')], { file: 'one' });
  return shop.staged();
}

async function candidateRows(loadId: number): Promise<readonly string[]> {
  const { candidate } = await shop.ledger(loadId);
  const { rows } = await sql<{ id: string }>`
    select transaction_id as id from ${sql.id('candidate', candidate ?? '')} order by 1`.execute(shop.admin);
  return rows.map(({ id }) => id);
}

describe('quarantine at an output gate', () => {
  test('sets the bad row aside whole, with reason and run; the rest passes and is published', async () => {
    const load = await landOneBad();
    const verdict = await shop.look(load);
    expect(verdict).toMatchObject({
      outcome: 'fail',
      blocks: true,
      quarantine: { expectations: [0], share: 0.5 },
    });
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 1 });
    expect(await shop.aside()).toMatchObject([
      {
        gate: 'output',
        expectations: [0],
        reason: 'store_id one of 2 known values',
        record: { transaction_id: 'bad', store_id: 'STORE_99999', _source: 'one', _position: 3 },
      },
    ]);
    const row = await shop.admin.selectFrom('control.batch_quarantine').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({
      load_id: load.loadId,
      attempt: load.attempt,
      model: MODEL,
      suite: 'stg_transactions',
      verdict_id: verdict.verdictId,
      evaluation_id: verdict.evaluationId,
      workflow_id: load.run.workflowId,
      run_id: load.run.runId,
    });
    expect(await shop.look(load)).toMatchObject({ outcome: 'pass', blocks: false, rows: 2 });
    expect(await shop.publish(load)).toMatchObject({
      state: 'published',
      inserted: 2,
      unchanged: 0,
      quarantined: 1,
    });
    expect((await shop.silver()).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(await shop.ledger(load.loadId)).toMatchObject({ rowsStaged: 2, rowsQuarantined: 1 });
  });

  test('takes every row of a repeated value, and each row once whatever it breaks', async () => {
    await shop.promise(MODEL, [
      knownStores(),
      aside('expect_column_values_to_be_unique', { column: 'store_id' }, { quarantine_share: 1 }),
      aside('expect_column_values_to_match_regex', { column: 'transaction_id', regex: '^[a-z]$' }),
    ]);
    await shop.land([sale('a'), sale('b'), sale('c', 'STORE_00002'), sale('dd', 'X')], { file: 'one' });
    const load = await shop.staged();
    const answer = await shop.setAside(load, await shop.look(load));
    expect(answer).toEqual({ state: 'quarantined', rows: 3 });
    expect(
      (await shop.aside()).map(({ record, expectations }) => [record['transaction_id'], expectations]),
    ).toEqual([
      ['a', [1]],
      ['b', [1]],
      ['dd', [0, 2]],
    ]);
    expect((await shop.aside())[2]?.reason).toMatch(/^store_id one of 2 known values; transaction_id .*$/);
    expect(await candidateRows(load.loadId)).toEqual(['c']);
  });

  test('leaves rows that `mostly` tolerates, those of other expectations, and those a row condition leaves out', async () => {
    const tolerant = aside('expect_column_values_to_match_regex', {
      column: 'transaction_id',
      regex: '^[a-y]',
      mostly: 0.5,
    });
    const info = {
      type: 'expect_column_values_to_match_regex',
      kwargs: { column: 'transaction_id', regex: '^[b-z]' },
      severity: 'info',
    };
    const some = aside('expect_column_values_to_be_in_set', {
      column: 'store_id',
      value_set: ['STORE_00001'],
      row_condition: 'col("transaction_id") != "left out"',
      condition_parser: 'great_expectations',
    });
    await shop.promise(MODEL, [tolerant, info, some]);
    await shop.land([sale('a'), sale('z'), sale('bad', 'X'), sale('left out', 'X')], { file: 'one' });
    const load = await shop.staged();
    const verdict = await shop.look(load);
    expect(verdict.failed.map(({ index }) => index)).toEqual([1, 2]);
    await shop.setAside(load, verdict);
    expect(await candidateRows(load.loadId)).toEqual(['a', 'left out', 'z']);
  });

  test('of more rows than the share moves nothing and says how many', async () => {
    await shop.promise(MODEL, [
      knownStores({ quarantine_share: 0.4 }),
      aside(
        'expect_column_values_to_match_regex',
        { column: 'transaction_id', regex: '^[b-z]' },
        { quarantine_share: 0.4 },
      ),
    ]);
    await shop.land([sale('a'), sale('b'), sale('bad', 'X')], { file: 'one' });
    const load = await shop.staged();
    const verdict = await shop.look(load);
    expect(verdict.quarantine).toEqual({ expectations: [0, 1], share: 0.4 });
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'tooMany', rows: 2, of: 3 });
    expect(await shop.aside()).toEqual([]);
    expect(await candidateRows(load.loadId)).toHaveLength(3);
    const order = { expectations: [0, 1], share: null };
    expect(await shop.setAside(load, verdict, { order })).toEqual({ state: 'quarantined', rows: 2 });
  });

  test('where neither promise nor suite says so, the header of the gate does', async () => {
    const store = { column: 'store_id', value_set: ['STORE_00001'] };
    const silent = { type: 'expect_column_values_to_be_in_set', kwargs: store, severity: 'warning' };
    await shop.promise(MODEL, [silent]);
    await shop.land([sale('a'), sale('b'), sale('bad', 'X')], { file: 'one' });
    const load = await shop.staged();
    expect(await shop.look(load)).toMatchObject({ outcome: 'warn', blocks: false, quarantine: null });
    await shop.sayInHeader('on_failure: quarantine');
    // One row in three is above the default share.
    expect(await shop.look(load)).toMatchObject({ blocks: true, quarantine: null });
    await shop.sayInHeader('quarantine_share: 0.4');
    const verdict = await shop.look(load);
    expect(verdict).toMatchObject({ outcome: 'warn', blocks: true, quarantine: { share: 0.4 } });
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 1 });
    await shop.promise(MODEL, [silent], { owner: 'us', runbook: 'x', on_failure: 'hold' });
    expect(await shop.look(load)).toMatchObject({ outcome: 'pass', blocks: false });
  });

  test('called again, and by two at once, moves nothing twice', async () => {
    const load = await landOneBad();
    const verdict = await shop.look(load);
    const answers = await Promise.all([shop.setAside(load, verdict), shop.setAside(load, verdict)]);
    answers.push(await shop.setAside(load, verdict));
    const once: Quarantined = { state: 'quarantined', rows: 1 };
    expect(answers).toEqual([once, once, once]);
    expect(await shop.aside()).toHaveLength(1);
    expect(await shop.ledger(load.loadId)).toMatchObject({ rowsStaged: 2, rowsQuarantined: 1 });
  });

  test('killed in between has moved nothing', async () => {
    const load = await landOneBad();
    const verdict = await shop.look(load);
    const blocker = openDatabase(shop.database.adminUrl, 'test blocker', 1);
    try {
      await blocker.transaction().execute(async (trx) => {
        await sql`lock table control.batch_quarantine in share mode`.execute(trx);
        const killed = shop.setAside(load, verdict).then(
          () => 'moved',
          () => 'failed',
        );
        await until(
          async () => {
            const { rows } = await sql`
              select pg_terminate_backend(l.pid) from pg_locks l
              where l.relation = 'control.batch_quarantine'::regclass and not l.granted
                and l.database = (select oid from pg_database where datname = current_database())`.execute(
              shop.admin,
            );
            return rows.length > 0;
          },
          { what: 'it waits to write' },
        );
        expect(await killed).toBe('failed');
      });
    } finally {
      await blocker.destroy();
    }
    expect(await shop.aside()).toEqual([]);
    expect(await candidateRows(load.loadId)).toHaveLength(3);
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 1 });
  });

  test('is refused to another attempt, an older verdict and a run without the lease', async () => {
    const load = await landOneBad();
    const verdict = await shop.look(load);
    const stale = { type: 'StaleAttempt' };
    await expect(shop.setAside(load, verdict, { attempt: load.attempt + 1 })).rejects.toMatchObject(stale);
    await expect(shop.setAside(load, verdict, { run: runOf('other') })).rejects.toMatchObject(stale);
    await shop.look(load);
    await expect(shop.setAside(load, verdict)).rejects.toMatchObject(stale);
    await shop.release({ model: MODEL, run: load.run, outcome: 'abandoned' });
    await expect(shop.setAside(load, verdict)).rejects.toMatchObject(stale);
    expect(await shop.aside()).toEqual([]);
  });

  test('asks for another look when the suite has changed since', async () => {
    const load = await landOneBad();
    const verdict = await shop.look(load);
    await shop.promise(MODEL, [knownStores(), knownStores()]);
    expect(await shop.setAside(load, verdict)).toMatchObject({ state: 'changed' });
    expect(await candidateRows(load.loadId)).toHaveLength(3);
  });

  test('of a load that has been published says so', async () => {
    const load = await landOneBad();
    const verdict = await shop.look(load);
    await shop.publish(load);
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'published' });
    expect(await shop.aside()).toEqual([]);
  });

  test('is forgotten by a stage that is done again: its rows are in the new candidate', async () => {
    const load = await landOneBad();
    await shop.setAside(load, await shop.look(load));
    const again = await shop.stage(load);
    expect(again.staged).toBe(3);
    expect(await shop.aside()).toEqual([]);
    expect(await shop.ledger(load.loadId)).toMatchObject({ rowsStaged: 3, rowsQuarantined: 0 });
  });
});

describe('what was published before under the key of a row that was set aside stays', () => {
  test('of a model that recomputes keys', async () => {
    await shop.land([sale('a'), sale('b', 'STORE_00002')], { file: 'one' });
    await shop.load(MODEL, runOf('monday'));
    await shop.load('fct_daily_sales', runOf('monday gold'));
    const before = await shop.gold();
    await shop.land([sale('c'), sale('d', 'STORE_00002')], { file: 'two' });
    await shop.load(MODEL, runOf('tuesday'));
    await shop.promise('fct_daily_sales', [
      aside('expect_column_values_to_be_in_set', { column: 'store_id', value_set: ['STORE_00001'] }),
    ]);
    const load = await shop.staged(runOf('tuesday gold'), 'fct_daily_sales');
    const verdict = await shop.look(load, 'output', 'fct_daily_sales');
    expect(await shop.setAside(load, verdict)).toEqual({ state: 'quarantined', rows: 1 });
    expect(await shop.publish(load)).toMatchObject({ updated: 1, deleted: 0, quarantined: 1 });
    expect(await shop.gold()).toEqual([{ ...before[0], transactions: 2, sales: 20 }, before[1]]);
  });

  test('of a full refresh, which deletes only what neither is there nor was set aside', async () => {
    await shop.admin.transaction().execute(async (trx) => {
      await sql`insert into bronze.raw_stores (store_id, store_name, region, _source, _revision, _load, _position, _record_hash)
        select 'S' || n, 'old', 'WEST', 'stores', 1, 1, n, gen_random_uuid() from generate_series(1, 3) n`.execute(
        trx,
      );
      await sql`insert into gold.dim_stores (store_id, store_name) values ('S1', 'old'), ('S2', 'old'), ('S9', 'old')`.execute(
        trx,
      );
    });
    await shop.promise('dim_stores', [
      aside('expect_column_values_to_be_in_set', { column: 'store_id', value_set: ['S1', 'S3'] }),
      {
        type: 'expect_table_row_count_to_be_between',
        kwargs: { min_value: { $PARAMETER: 'min_rows' } },
        severity: 'info',
      },
    ]);
    const load = await shop.staged(runOf('monday'), 'dim_stores');
    await shop.setAside(load, await shop.look(load, 'output', 'dim_stores'));
    expect(await shop.publish(load)).toMatchObject({ inserted: 1, deleted: 1, quarantined: 1 });
    const { rows } = await sql<{ id: string }>`select store_id as id from gold.dim_stores order by 1`.execute(
      shop.admin,
    );
    expect(rows.map(({ id }) => id)).toEqual(['S1', 'S2', 'S3']);
  });
});

test('who may read full results may look at what was set aside; readers and the login that runs suites may not', async () => {
  const readers = { weir_result_reader: true, weir_validator: false, weir_analytics_reader: false } as const;
  for (const login of ['weir_result_reader', 'weir_validator', 'weir_analytics_reader'] as const) {
    const db = openDatabase(loginUrl(shop.database.adminUrl, login), 'test login', 1);
    const answer = await sql`select from control.batch_quarantine`.execute(db).then(
      () => true,
      (error: unknown) => Reflect.get(Object(error), 'code') !== '42501',
    );
    await db.destroy();
    expect(answer, login).toBe(readers[login]);
  }
});
