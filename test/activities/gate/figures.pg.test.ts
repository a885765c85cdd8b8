import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../../activities/gate.ts';
import { readPastFigures, writeFigures } from '../../../activities/gate/figures.ts';
import type { Figures } from '../../../activities/gate/figures.ts';
import type { LoadState } from '../../../activities/databases.ts';
import type { Outcome, Verdict } from '../../../expectations/verdict.ts';
import { expectation } from '../../expectations/suite-text.ts';
import { openShop, runOf } from '../shop.ts';
import type { Sale, Shop } from '../shop.ts';
import { withSuite } from './own-suite.ts';

/** A Tuesday. */
const asOf = '2017-01-31T00:00:00.000Z';

function weeksBefore(weeks: number, minutes = 0): string {
  return new Date(Date.parse(asOf) - weeks * 7 * 86_400_000 + minutes * 60_000).toISOString();
}

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
  await sql`insert into gold.dim_stores (store_id) values ('STORE_00001')`.execute(shop.admin);
});
afterEach(() => shop.database.drop());

async function load(at: string, state: LoadState = 'published', interval?: string): Promise<number> {
  const { load_id: loadId } = await shop.admin
    .insertInto('control.load')
    .values({
      model: 'stg_transactions',
      pipeline: 'hourly',
      workflow_id: 'w',
      run_id: 'r',
      state,
      read_window: '{"kind":"whole"}',
      system_identifier: 's',
      timeline: 1,
      interval_start: interval ?? null,
      as_of: at,
      sql_hash: '',
    })
    .returning('load_id')
    .executeTakeFirstOrThrow();
  return loadId;
}

async function evaluate(
  loadId: number,
  figures: Figures,
  outcome: Outcome = 'pass',
  gate: 'input' | 'output' = 'input',
): Promise<void> {
  await shop.database.databases.loader.transaction().execute(async (trx) => {
    const { evaluation_id: evaluationId } = await trx
      .insertInto('control.gate_run')
      .values({
        verdict_id: randomUUID(),
        load_id: loadId,
        model: 'stg_transactions',
        gate,
        suite: 's',
        suite_hash: '',
        outcome,
        rows_checked: figures['rows'] ?? 0,
        expectations_evaluated: 1,
        expectations_failed: 0,
        blocks: false,
        as_of: asOf,
        workflow_id: 'w',
        run_id: 'r',
      })
      .returning('evaluation_id')
      .executeTakeFirstOrThrow();
    await writeFigures(trx, { evaluationId, loadId, model: 'stg_transactions', gate, figures });
  });
}

/** Rows of earlier loads, as a load of that time sees them. */
async function seen(at = asOf, interval?: string): Promise<readonly (readonly [number, number])[]> {
  const loadId = await load(at, 'open', interval);
  const of = { loadId, model: 'stg_transactions', gate: 'input' as const };
  const past = await readPastFigures(shop.database.databases.loader, of);
  return (past.get('rows') ?? []).map(({ weeksAgo, figure }) => [weeksAgo, figure] as const);
}

describe('what a gate learns from', () => {
  test('is the same hour of the week, of the same gate', async () => {
    await evaluate(await load(weeksBefore(1)), { rows: 10 });
    await evaluate(await load(weeksBefore(2, 59)), { rows: 20 });
    await evaluate(await load(weeksBefore(3, 60)), { rows: 30 });
    await evaluate(await load(weeksBefore(3, -1)), { rows: 40 });
    await evaluate(await load(weeksBefore(4)), { rows: 50 }, 'pass', 'output');
    await evaluate(await load(weeksBefore(53)), { rows: 60 });
    expect(await seen()).toEqual([
      [1, 10],
      [2, 20],
    ]);
  });

  test('is told by the data interval where there is one', async () => {
    await evaluate(await load(weeksBefore(1, 75), 'published', weeksBefore(1)), { rows: 10 });
    expect(await seen(weeksBefore(0, 600), asOf)).toEqual([[1, 10]]);
    expect(await seen(weeksBefore(0, 60))).toEqual([]);
  });

  test('is nothing that was held and never published; what was overridden is', async () => {
    await evaluate(await load(weeksBefore(1), 'abandoned'), { rows: 1 }, 'fail');
    await evaluate(await load(weeksBefore(2), 'published'), { rows: 2 }, 'fail');
    await evaluate(await load(weeksBefore(3), 'abandoned'), { rows: 3 }, 'warn');
    await evaluate(await load(weeksBefore(4), 'open'), { rows: 4 }, 'error');
    expect(await seen()).toEqual([
      [2, 2],
      [3, 3],
    ]);
  });

  test('is the last look at a load, and one load an hour: the one with the most rows', async () => {
    const mended = await load(weeksBefore(1));
    await evaluate(mended, { rows: 100 });
    await evaluate(mended, { rows: 90 });
    const spoilt = await load(weeksBefore(2), 'abandoned');
    await evaluate(spoilt, { rows: 80 });
    await evaluate(spoilt, { rows: 81 }, 'fail');
    await evaluate(await load(weeksBefore(3)), { rows: 70 });
    await evaluate(await load(weeksBefore(3, 30)), { rows: 3 });
    expect(await seen()).toEqual([
      [1, 90],
      [3, 70],
    ]);
  });

  test('has no value of a row, and only the loader reads it', async () => {
    const { rows } = await sql<{ reads: boolean[] }>`
      select array(select has_table_privilege(login, 'control.gate_figure', 'select')
        from unnest(array['weir_loader', 'weir_validator', 'weir_publisher', 'weir_analytics_reader']) as login) as reads`.execute(
      shop.admin,
    );
    expect(rows[0]?.reads).toEqual([true, false, false, false]);
  });

  test('is found through an index', async () => {
    await evaluate(await load(weeksBefore(1)), { rows: 10 });
    const { rows } = await sql<{ on: string }>`
      select pg_get_indexdef(indexrelid) as on from pg_index where indrelid = 'control.gate_figure'::regclass`.execute(
      shop.admin,
    );
    expect(rows.map((row) => row.on).join('\n')).toContain('(model, gate, slot)');
  });
});

describe('a gate that has learned', () => {
  const band = expectation('expect_table_row_count_to_be_within_learned_band', { width: 1 });
  const cards = expectation('expect_column_null_share_to_be_within_learned_band', {
    column: 'customer_id',
    row_condition: 'col("store_id") == "STORE_00001"',
    condition_parser: 'great_expectations',
  });

  async function hour(weeks: number, sales: number, publish = true): Promise<Verdict> {
    const run = runOf(`week-${weeks}`);
    const at = weeksBefore(weeks);
    const rows = Array.from({ length: sales }, (_, n): Sale => ({
      id: `W${weeks}-${n}`,
      at: at.slice(0, 19),
    }));
    await shop.land(rows, { file: `week-${weeks}.jsonl` });
    const { loadId } = await shop.openWindow('stg_transactions', run, { asOf: at });
    const folders = await withSuite('transactions', [band, cards]);
    const activities = createGate({ databases: shop.database.databases, folders });
    const place = { loadId, model: 'stg_transactions', gate: 'input', suite: 'transactions', run } as const;
    await activities.gate(place);
    const verdict = await activities.gate(place);
    if (publish) {
      const { attempt } = await shop.stage({ loadId, run });
      await shop.publish({ loadId, run, attempt });
    }
    return verdict;
  }

  test('passes while it has not seen enough, then knows a bad hour, long after the full results are gone', async () => {
    for (const weeks of [5, 4, 3, 2]) expect(await hour(weeks, 12)).toMatchObject({ outcome: 'pass' });
    const { rows } = await sql<{ result: { results: unknown[] } }>`
      select result from control.gate_result order by evaluation_id desc limit 1`.execute(shop.admin);
    expect(rows[0]?.result.results[0]).toMatchObject({
      result: { observed_value: 12, details: { samples: 3, min_samples: 4, judged: false } },
    });
    await sql`delete from control.gate_result`.execute(shop.admin);
    const bad = await hour(1, 5, false);
    expect(bad).toMatchObject({ outcome: 'fail', failed: [{ index: 0 }] });
    expect(bad.failed[0]?.observed).toBe('5 rows; 9 rows to 15 rows in this hour of the week, by 4 samples');
    const { rows: kept } = await sql<{ name: string; n: number }>`
      select name, count(*) as n from control.gate_figure group by name order by name`.execute(shop.admin);
    expect(kept).toEqual([
      { name: 'rows', n: 10 },
      {
        name: 'share of NULLs in customer_id, where {"kind":"comparison","column":"store_id","operator":"==","value":"STORE_00001"}',
        n: 10,
      },
    ]);
  });
});
