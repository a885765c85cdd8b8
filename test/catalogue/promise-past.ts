import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/** A promise of a gate with what it came to at each of its evaluations; `n` numbers them, 1 the newest. */
export interface PastPromise {
  readonly place: number;
  readonly type: string;
  readonly column: string | null;
  readonly unit: 'value' | 'age' | 'share' | null;
  readonly severity?: 'critical' | 'warning' | 'info';
  /** Expressions over `n`. Where `broken` is true it did not hold. */
  readonly broken?: RawBuilder<unknown>;
  readonly observed?: RawBuilder<unknown>;
  readonly unexpected?: RawBuilder<unknown>;
  readonly lower?: RawBuilder<unknown>;
  readonly upper?: RawBuilder<unknown>;
}

/** Evaluations of an input gate, one an hour up to a quarter of an hour ago, all passed. */
export async function seedEvaluations(
  db: Database,
  { model, suite, hours }: { readonly model: string; readonly suite: string; readonly hours: number },
): Promise<void> {
  await sql`
    insert into control.gate_run (verdict_id, model, gate, suite, suite_hash, outcome, blocks, rows_checked,
      expectations_evaluated, expectations_failed, as_of, workflow_id, run_id, evaluated_at)
    select gen_random_uuid(), ${model}, 'input', ${suite}, 'h', 'pass', false, ${ELEMENTS}, 8, 0, at, 'hourly/1', 'r', at
    from generate_series(1, ${hours}::int) as n
    cross join lateral (
      select now() - interval '15 minutes' - make_interval(hours => ${hours}::int - n) as at
    ) as hour`.execute(db);
}

/** Rows that each evaluation of a promise about rows looked at. */
export const ELEMENTS = 1000;

/**
 * Gives every evaluation of a gate that `control.gate_run` has its promises, as the station writes them.
 *
 * @returns their ids, in the order in which they were given.
 */
export async function seedPromises(
  db: Database,
  {
    model,
    gate,
    suite,
  }: { readonly model: string; readonly gate: 'input' | 'output'; readonly suite: string },
  promises: readonly PastPromise[],
): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const one of promises) {
    const { place, type, column, unit, severity = 'critical' } = one;
    const { rows } = await sql<{ id: number }>`
      insert into control.promise (model, gate, suite, key, place, type, column_name, unit)
      values (${model}, ${gate}, ${suite}, ${`${type} ${column ?? ''} ${place}`}, ${place}, ${type}, ${column}, ${unit})
      returning promise_id as id`.execute(db);
    const id = rows[0]?.id ?? 0;
    ids.push(id);
    const { broken = sql`false`, observed = sql`null`, unexpected = sql`null` } = one;
    await sql`
      insert into control.promise_result
        (evaluation_id, evaluated_at, unexpected, elements, observed, lower, upper, promise_id, outcome, severity)
      select evaluation_id, evaluated_at, x.unexpected, case when x.unexpected is not null then ${ELEMENTS}::bigint end, (${observed})::float8,
        (${one.lower ?? sql`null`})::float8, (${one.upper ?? sql`null`})::float8, ${id},
        case when ${broken} then 'broken' else 'held' end::control.promise_outcome, ${severity}::control.promise_severity
      from (
        select *, row_number() over (order by evaluation_id desc) as n from control.gate_run
        where model = ${model} and gate = ${gate} and suite = ${suite} and outcome <> 'error'
      ) as run
      cross join lateral (select (${unexpected})::bigint as unexpected) as x`.execute(db);
  }
  return ids;
}

/** A column without nulls: so many rows lack it. */
function present(place: number, column: string, more: Partial<PastPromise>): PastPromise {
  const type = 'expect_column_values_to_not_be_null';
  return { place, type, column, unit: 'share', unexpected: sql`0`, lower: sql`1`, ...more };
}

/** Rows that swing around twelve thousand, never too few. */
function rowCount(more: Partial<PastPromise>): PastPromise {
  return {
    ...{ place: 7, type: 'expect_table_row_count_to_be_between', column: null, unit: 'value' },
    observed: sql`12000 + 3000 * sin(n / 4.0) + (n * 37) % 800`,
    lower: sql`8000`,
    upper: sql`20000000`,
    ...more,
  };
}

/** What the input gates asked of which tests show a past, with all that a page of a suite can show of it. */
const past = {
  transactions: [
    present(0, 'transaction_id', {}),
    present(1, 'store_id', {
      unexpected: sql`case when n % 90 = 17 then 3 when n in (1, 2, 25) then 41 else 0 end`,
      broken: sql`n % 90 = 17 or n in (1, 2, 25)`,
    }),
    {
      place: 4,
      type: 'expect_column_values_to_be_between',
      column: 'total_amount',
      unit: 'share',
      unexpected: sql`case when n % 13 = 0 then 1 else 0 end`,
      broken: sql`n % 13 = 0`,
      lower: sql`1`,
    },
    {
      place: 5,
      type: 'expect_column_max_to_be_between',
      column: 'transaction_timestamp',
      unit: 'age',
      observed: sql`700 + (n * 37) % 900 + case when n = 70 then 4000 else 0 end`,
      broken: sql`n = 70`,
      upper: sql`3600`,
    },
    rowCount({ lower: sql`case when n > 300 then 5000 else 8000 end` }),
  ],
  inventory: [
    present(0, 'store_id', {
      unexpected: sql`case when n % 9 = 4 then 3 else 0 end`,
      broken: sql`n % 9 = 4`,
    }),
    rowCount({ upper: sql`20000` }),
  ],
} satisfies Readonly<Record<string, readonly PastPromise[]>>;

/** Gives every evaluation of the input gate that asks a suite its promises. @returns their ids. */
export async function seedSuite(db: Database, suite: keyof typeof past): Promise<readonly number[]> {
  return seedPromises(db, { model: `stg_${suite}`, gate: 'input', suite }, past[suite]);
}
