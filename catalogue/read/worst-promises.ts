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
 * Of each suite the promise that broke most often in the last days; a suite whose promises all held has none. Read from
 * six hours a row, so that its cost is that of the promises there are.
 */
export async function readWorstPromises({ database, at }: Site): Promise<ReadonlyMap<string, WorstPromise>> {
  const { rows } = await sql<WorstPromise>`
    select distinct on (p.suite) p.suite, p.place, p.type, p.column_name as "column", p.model, p.gate,
      past.evaluations, past.broken
    from control.promise as p
    cross join lateral (
      select sum(s.evaluations)::int as evaluations, sum(s.broken)::int as broken
      from control.promise_span as s
      where s.promise_id = p.promise_id and s.from_at >= ${at}::timestamptz - make_interval(days => ${WORST_DAYS}::int)
    ) as past
    where past.broken > 0
    order by p.suite, past.broken desc, past.broken::float8 / past.evaluations desc, p.promise_id`.execute(
    database,
  );
  return new Map(rows.map((row) => [row.suite, row]));
}
