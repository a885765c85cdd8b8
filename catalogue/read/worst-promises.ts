import { sql } from 'kysely';
import type { Site } from '../site.ts';

/** The promise of a suite that held least often. */
export interface WorstPromise {
  readonly suite: string;
  /** Where it stood in the suite when it was last asked. */
  readonly place: number;
  readonly type: string;
  readonly column: string | null;
  readonly model: string;
  readonly gate: 'input' | 'output';
  readonly evaluations: number;
  /** Of these: not held, or not to be checked. */
  readonly broken: number;
}

/** For how long back it is counted. */
export const WORST_DAYS = 7;

/**
 * Of each suite the promise that broke most often in the last days; a suite whose promises all held has none. Breaks are
 * found by an index of their own, so that the cost is theirs and not that of all that held.
 */
export async function readWorstPromises({ database, at }: Site): Promise<ReadonlyMap<string, WorstPromise>> {
  const since = sql`${at}::timestamptz - make_interval(days => ${WORST_DAYS}::int)`;
  const { rows } = await sql<WorstPromise>`
    with breaks as (
      select promise_id, sum(broken)::int as broken from control.promise_span
      where broken > 0 and from_at >= ${since} group by promise_id
    ), worst as (
      select distinct on (p.suite) p.suite, p.promise_id, p.place, p.type, p.column_name, p.model, p.gate, breaks.broken
      from breaks join control.promise as p using (promise_id)
      order by p.suite, breaks.broken desc, p.promise_id
    )
    select suite, place, type, column_name as "column", model, gate, broken, (
      select sum(s.evaluations)::int from control.promise_span as s
      where s.promise_id = worst.promise_id and s.from_at >= ${since}
    ) as evaluations
    from worst`.execute(database);
  return new Map(rows.map((row) => [row.suite, row]));
}
