import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';

/** An objective whose budget goes too fast, or a source that fell silent. */
export interface Burning {
  readonly alarm: 'freshness' | 'availability' | 'sourceSilent';
  /** Model, pipeline or source. */
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Share of the month's budget; below 0 it is overspent; null of a source. */
  readonly budgetLeft: number | null;
}

/** Reads what burns, the oldest first. */
export async function readBurning(database: Database): Promise<readonly Burning[]> {
  const { rows } = await sql<Omit<Burning, 'since'> & { readonly since: Date }>`
    select a.alarm, a.subject, a.since, o.budget_left as "budgetLeft"
    from control.objective_alarm as a
    left join control.objective as o on o.kind = a.alarm and o.subject = a.subject
    where a.state = 'raised' order by a.since, a.subject`.execute(database);
  return rows.map((row) => ({ ...row, since: row.since.toISOString() }));
}
