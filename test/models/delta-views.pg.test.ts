import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ControlTables, Database } from '../../activities/databases.ts';
import { applySettings, applyWindow } from '../../activities/load-window.ts';
import { takeSnapshot } from '../../activities/snapshot.ts';
import type { Setting, Window } from '../../models/window.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';

const asOf = '2017-01-02T00:00:00.000Z';

let database: FreshDatabase | null = null;
let admin: Database;
beforeEach(async () => {
  await database?.drop();
  database = await freshDatabase();
  ({ admin } = database);
});
afterAll(() => database?.drop());

/** Lands movements, one a quantity, in `db` or a transaction of it. */
async function land(quantities: readonly number[], db: Kysely<ControlTables> = admin): Promise<void> {
  await sql`insert into bronze.raw_pos_events
      (store_id, sku, quantity_change, event_ts, _source, _revision, _load, _position, _record_hash)
    select 'S1', 'P1', q, timestamp '2017-01-01' + q * interval '1 hour', 'f.jsonl', 1, 1, q, md5(q::text)::uuid
    from unnest(${quantities}::int[]) as q`.execute(db);
}

async function read(window: Window): Promise<readonly number[]> {
  return admin.transaction().execute(async (trx) => {
    await applyWindow(trx, window, asOf);
    const { rows } = await sql<{ q: number }>`
      select quantity_change as q from delta.raw_pos_events order by 1`.execute(trx);
    return rows.map(({ q }) => q);
  });
}

function arrival(from: string | null, to: string, relation = 'raw_pos_events'): Window {
  return { kind: 'arrival', deltas: { [relation]: { from, to } } };
}

async function snapshot(): Promise<string> {
  return (await takeSnapshot(admin)).snapshot;
}

describe('a window by arrival', () => {
  test('has every row once, also of a writer that began early and commits late', async () => {
    await land([1]);
    const first = await snapshot();
    const late = await admin.startTransaction().execute();
    await land([2], late);
    await land([3]);
    const second = await snapshot();
    await land([4]);
    await late.commit().execute();
    const third = await snapshot();
    await land([5]);

    expect(await read(arrival(null, first))).toEqual([1]);
    expect(await read(arrival(first, second))).toEqual([3]);
    // What `loaded_at > max(loaded_at)` loses: 2 is stamped before 3, which was read already.
    expect(await read(arrival(second, third))).toEqual([2, 4]);
    expect(await read(arrival(first, third))).toEqual([2, 3, 4]);
    // And again, whatever has come meanwhile.
    expect(await read(arrival(first, second))).toEqual([3]);
  });

  test('leaves out what was rolled back and has what a savepoint wrote', async () => {
    const from = await snapshot();
    const writer = await admin.startTransaction().execute();
    const kept = await writer.savepoint('kept').execute();
    await land([1], writer);
    const lost = await kept.savepoint('lost').execute();
    await land([2], writer);
    await lost.rollbackToSavepoint('lost').execute();
    await writer.commit().execute();
    const gone = await admin.startTransaction().execute();
    await land([3], gone);
    await gone.rollback().execute();
    expect(await read(arrival(from, await snapshot()))).toEqual([1]);
  });

  test('is empty where a window says nothing of its end', async () => {
    await land([1]);
    const rows = await admin.transaction().execute(async (trx) => {
      await applySettings(trx, [['weir.raw_pos_events.mode', 'arrival']]);
      return (await sql`select from delta.raw_pos_events`.execute(trx)).rows;
    });
    expect(rows).toEqual([]);
  });

  test('reads by the index on _xid however large the table is, and nothing of the other branches', async () => {
    await land(Array.from({ length: 30_000 }, (_, n) => n));
    const from = await snapshot();
    await land([30_001, 30_002]);
    const window = arrival(from, await snapshot());
    await sql`analyze bronze.raw_pos_events`.execute(admin);
    const plan = await admin.transaction().execute(async (trx) => {
      await applyWindow(trx, window, asOf);
      const { rows } = await sql<{ 'QUERY PLAN': string }>`
        explain (analyze, costs off, timing off, buffers off, summary off) select * from delta.raw_pos_events`.execute(
        trx,
      );
      return rows.map((row) => row['QUERY PLAN']);
    });
    const scans = plan.filter((line) => / on (\S+_)?raw_pos_events/.test(line));
    const { rows: empty } = await sql<{ name: string }>`
      select relname as name from pg_class where relnamespace = 'bronze_partition'::regnamespace and relkind = 'r'
        and pg_relation_size(oid) = 0`.execute(admin);
    const taken = scans
      .filter((line) => !line.includes('never executed'))
      .filter((line) => !empty.some(({ name }) => line.includes(` on ${name} `)));
    expect(taken, plan.join('\n')).not.toEqual([]);
    for (const line of taken) expect(line).toMatch(/Index Scan|Bitmap/);
  });
});

describe('the plan of a window by arrival', () => {
  interface Plan {
    readonly 'Node Type': string;
    readonly 'Plan Rows': number;
    readonly Plans?: readonly Plan[];
  }

  async function explain(window: Window, settings: readonly Setting[] = []): Promise<Plan> {
    await sql`analyze bronze.raw_pos_events`.execute(admin);
    return admin.transaction().execute(async (trx) => {
      await applyWindow(trx, window, asOf);
      await applySettings(trx, settings);
      const { rows } = await sql<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>`
        explain (format json) select * from delta.raw_pos_events`.execute(trx);
      const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
      if (plan === undefined) throw new Error('EXPLAIN answered nothing.');
      return plan;
    });
  }

  const many = Array.from({ length: 20_000 }, (_, n) => n);

  test('expects the rows that are there, also of a table that few transactions have written', async () => {
    await land([-1]);
    const from = await snapshot();
    await land(many);
    const plan = await explain(arrival(from, await snapshot()));
    // A list of transactions that the planner cannot see into would leave it a handful.
    expect(plan['Plan Rows']).toBeGreaterThan(many.length / 4);
  });

  test('may be read by several processes, retractions or not', async () => {
    await land(many);
    const window = arrival(null, await snapshot());
    const free = ['parallel_setup_cost', 'parallel_tuple_cost', 'min_parallel_table_scan_size'];
    const plan = await explain(
      window,
      [...free, 'min_parallel_index_scan_size'].map((name) => [name, '0']),
    );
    const types = (node: Plan): readonly string[] => [
      node['Node Type'],
      ...(node.Plans ?? []).flatMap(types),
    ];
    expect(types(plan)).toContain('Gather');
  });
});

describe('a window by event time', () => {
  test('is half open, in UTC, and ends where its snapshot does', async () => {
    await land([0, 1, 2, 3]);
    const to = await snapshot();
    await land([1]);
    const window: Window = {
      kind: 'interval',
      start: '2017-01-01T02:00:00+01:00',
      end: '2017-01-01T03:00:00Z',
      to,
      deltas: ['raw_pos_events'],
    };
    expect(await read(window)).toEqual([1, 2]);
  });
});

describe('retracted revisions', () => {
  test('are in no window, from the moment they are retracted', async () => {
    await land([1, 2]);
    const window = arrival(null, await snapshot());
    expect(await read(window)).toEqual([1, 2]);
    await admin
      .insertInto('control.retraction')
      .values({ source: 'raw_pos_events', file: 'f.jsonl', revision: 1, replaced_by: 2, workflow_id: 'test' })
      .execute();
    expect(await read(window)).toEqual([]);
    expect(await read({ kind: 'whole' })).toEqual([]);
  });
});

describe('touched keys', () => {
  async function keys(window: Window, touched: 'on' | ''): Promise<readonly string[]> {
    return admin.transaction().execute(async (trx) => {
      await applyWindow(trx, window, asOf);
      await applySettings(trx, [['weir.touched', touched]]);
      const { rows } = await sql<{
        id: string;
      }>`select store_id as id from delta.dim_stores order by 1`.execute(trx);
      return rows.map(({ id }) => id);
    });
  }

  test('come from new and old images of the window, old ones only where they are asked for', async () => {
    await sql`insert into gold.dim_stores (store_id) values ('STAYS'), ('IS')`.execute(admin);
    const from = await snapshot();
    await sql`insert into changes.dim_stores (store_id) values ('WAS')`.execute(admin);
    await sql`insert into gold.dim_stores (store_id) values ('NEW')`.execute(admin);
    const to = await snapshot();
    await sql`insert into changes.dim_stores (store_id) values ('LATER')`.execute(admin);
    expect(await keys(arrival(from, to, 'dim_stores'), 'on')).toEqual(['NEW', 'WAS']);
    expect(await keys(arrival(from, to, 'dim_stores'), '')).toEqual(['NEW']);
  });

  test('are those of the load that is set, and without one every key there is', async () => {
    await sql`insert into silver.stg_transactions (transaction_id, store_id, transaction_date)
      values ('1', 'A', '2017-01-01'), ('2', 'B', '2017-01-01'), ('3', 'B', null)`.execute(admin);
    await sql`insert into touched.fct_daily_sales_keys (load_id, transaction_date, store_id)
      values (7, '2017-01-01', 'B'), (8, '2017-01-01', 'C')`.execute(admin);
    const of = async (load: string): Promise<readonly string[]> =>
      admin.transaction().execute(async (trx) => {
        await applySettings(trx, [['weir.load_id', load]]);
        const { rows } = await sql<{ id: string }>`
          select store_id as id from touched.fct_daily_sales order by 1`.execute(trx);
        return rows.map(({ id }) => id);
      });
    expect(await of('7')).toEqual(['B']);
    expect(await of('')).toEqual(['A', 'B']);
  });
});

test('now() in a model is the run’s as-of time, the clock where there is none', async () => {
  const now = async (value: string): Promise<string> =>
    admin.transaction().execute(async (trx) => {
      await applySettings(trx, [
        ['search_path', 'as_of, pg_catalog'],
        ['weir.as_of', value],
      ]);
      const { rows } = await sql<{ now: Date }>`select now() as now`.execute(trx);
      return rows[0]?.now.toISOString() ?? '';
    });
  expect(await now(asOf)).toBe(asOf);
  expect(Math.abs(Date.parse(await now('')) - Date.now())).toBeLessThan(60_000);
});
