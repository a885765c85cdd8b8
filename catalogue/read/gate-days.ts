import { sql } from 'kysely';
import type { Outcome } from '../../expectations/verdict.ts';
import type { Site } from '../site.ts';

/** What a gate said on a day, UTC. */
export interface GateDay {
  /** `2026-11-22`. */
  readonly day: string;
  readonly evaluations: number;
  /** How many of them held the batch back. */
  readonly blocked: number;
  /** The loudest of them, and the last verdict that said so. */
  readonly worst: Outcome;
  readonly verdictId: string;
}

/** Days of the strip, today included: as many as a phone is wide. */
export const GATE_DAYS = 42;

/** Evaluations that are looked at: more than one an hour of those days. A gate of a minute shows what they cover. */
const MOST_EVALUATIONS = 1500;

/** Reads a gate's past by day, oldest first; a day without an evaluation is not there. Reads a stretch of an index. */
export async function readGateDays(
  { database, at }: Site,
  model: string,
  gate: 'input' | 'output',
): Promise<readonly GateDay[]> {
  const { rows } = await sql<GateDay>`
    with last as (
      select r.evaluation_id, r.evaluated_at, r.outcome, r.blocks, r.verdict_id
      from control.gate_run as r where r.model = ${model} and r.gate = ${gate}
      order by r.evaluation_id desc limit ${MOST_EVALUATIONS}
    ),
    ranked as (
      select last.*, to_char(evaluated_at at time zone 'UTC', 'YYYY-MM-DD') as day,
        array_position(array['pass', 'warn', 'error', 'fail'], outcome) as loud
      from last where evaluated_at > date_trunc('day', ${at}::timestamptz, 'UTC') - make_interval(days => ${GATE_DAYS - 1})
    )
    select day, count(*) as evaluations, count(*) filter (where blocks) as blocked,
      (array['pass', 'warn', 'error', 'fail'])[max(loud)] as worst,
      (array_agg(verdict_id order by loud desc, evaluation_id desc))[1] as "verdictId"
    from ranked group by day order by day`.execute(database);
  return rows;
}
