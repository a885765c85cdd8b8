import { sql } from 'kysely';
import type { Site } from '../site.ts';

/** One objective: how it did in the last 30 days, and what is left of what may go wrong. */
export interface Objective {
  readonly kind: 'freshness' | 'availability';
  /** A model, or a pipeline whose intervals are to be on time. */
  readonly subject: string;
  readonly target: number;
  /** The age, or how long after its end an interval is due. */
  readonly objectiveSeconds: number;
  /** Share of all that was, or should have been, measured; null where nothing was yet. */
  readonly met: number | null;
  /** Share of what may go wrong in 30 days; below 0 it is overspent; null where nothing may, and something did. */
  readonly budgetLeft: number | null;
  /** How long nobody measured; counted as not met. */
  readonly unmeasuredSeconds: number;
  /** It goes too fast, and on-call has been told. */
  readonly burning: boolean;
  /** Since when it burns. */
  readonly since: Date | null;
}

/** All that are promised, the worst first: what burns, then by what is left. */
export async function readObjectives({ database }: Site): Promise<readonly Objective[]> {
  const { rows } = await sql<Objective>`
    select o.kind, o.subject, o.target, o.objective_seconds as "objectiveSeconds", o.met_30d as met,
      o.budget_left as "budgetLeft", o.unmeasured * o.unit_seconds as "unmeasuredSeconds", o.burning,
      (select a.since from control.objective_alarm as a
       where a.alarm = o.kind and a.subject = o.subject and a.state = 'raised') as since
    from control.objective as o
    order by o.burning desc, o.budget_left nulls first, o.met_30d nulls last, o.kind, o.subject`.execute(
    database,
  );
  return rows;
}
