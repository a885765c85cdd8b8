import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { counted, inBatches, ROWS_AT_ONCE } from './chore.ts';
import type { ChoreCall } from './chore.ts';

/** Days that the past of a promise is kept: a year, and the month that is compared with the same one of last year. */
const PROMISES_KEPT_DAYS = 400;

const since = sql`(pg_catalog.now() - make_interval(days => ${PROMISES_KEPT_DAYS}::int))`;

/**
 * Results before the first span that is kept, promise by promise: both tables are found by promise, and neither is read for
 * what stays.
 */
const oldResults = sql`
  select p.promise_id, old.evaluation_id as id from control.promise as p
  left join lateral (
    select s.first_id from control.promise_span as s
    where s.promise_id = p.promise_id and s.from_at >= ${since} order by s.from_at limit 1
  ) as kept on true
  cross join lateral (
    select r.evaluation_id from control.promise_result as r
    where r.promise_id = p.promise_id and r.evaluation_id < coalesce(kept.first_id, ${Number.MAX_SAFE_INTEGER}::bigint)
  ) as old`;

const oldSpans = sql`
  select p.promise_id, old.from_at as id from control.promise as p
  cross join lateral (
    select s.from_at from control.promise_span as s where s.promise_id = p.promise_id and s.from_at < ${since}
  ) as old`;

/** Of what no suite promises any more. */
const emptyPromises = sql`
  select p.promise_id, p.promise_id as id from control.promise as p
  where not exists (select from control.promise_span as s where s.promise_id = p.promise_id)
    and not exists (select from control.promise_result as r where r.promise_id = p.promise_id)`;

/** In this order: results are old by what is kept of spans, and what has neither is empty. */
const KEPT: readonly (readonly [
  table: string,
  id: string,
  old: RawBuilder<unknown>,
  one: string,
  many: string,
])[] = [
  ['control.promise_result', 'evaluation_id', oldResults, 'result of a promise', 'results of promises'],
  ['control.promise_span', 'from_at', oldSpans, 'span of a promise', 'spans of promises'],
  [
    'control.promise',
    'promise_id',
    emptyPromises,
    'promise that is made no more',
    'promises that are made no more',
  ],
];

/**
 * Takes what became of promises more than 400 days ago.
 *
 * @returns what it took, in words.
 */
export async function takeOldPromises(call: ChoreCall): Promise<readonly string[]> {
  const done: string[] = [];
  for (const [table, id, old, one, many] of KEPT) {
    const rows = await take(call, table, id, old);
    if (rows > 0) done.push(`${call.dryRun ? 'would take' : 'took'} ${counted(rows, one, many)}`);
  }
  return done;
}

async function take(
  { databases: { loader }, dryRun, signal }: ChoreCall,
  table: string,
  id: string,
  old: RawBuilder<unknown>,
): Promise<number> {
  if (dryRun) {
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from (${old}) as old`.execute(
      loader,
    );
    return rows[0]?.rows ?? 0;
  }
  return inBatches(signal, async () => {
    const { numAffectedRows = 0n } = await sql`
      delete from ${sql.table(table)} as t using (${old} limit ${ROWS_AT_ONCE}) as old
      where t.promise_id = old.promise_id and t.${sql.id(id)} = old.id`.execute(loader);
    return Number(numAffectedRows);
  });
}
