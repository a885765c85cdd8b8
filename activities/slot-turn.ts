import type { PlannedInterval, PlanRequest, ScheduledSlot } from '../models/plan.ts';
import type { Database } from './databases.ts';

/**
 * The slot of a scheduled run, where it is to be read by event time: the run started much later than it was meant to,
 * and loads by arrival have been published for this slot or a later one. What arrived is past its turn then, and it is
 * the slot's own rows that are asked for. A run that starts when it is meant to reads by arrival, also when somebody
 * triggered another a minute before.
 */
export async function slotAgain(
  db: Database,
  pipeline: PlanRequest['pipeline'],
  slot: ScheduledSlot | undefined,
): Promise<PlannedInterval | null> {
  if (slot === undefined || !slot.late) return null;
  const last = await db
    .selectFrom('control.load')
    .select((select) => select.fn.max('slot_end').as('end'))
    .where('pipeline', '=', pipeline)
    .where('slot_end', 'is not', null)
    .where('state', 'in', ['published', 'empty'])
    .executeTakeFirst();
  const { start, end } = slot;
  const published = last?.end ?? null;
  return published !== null && Date.parse(end) <= published.getTime() ? { start, end } : null;
}

/**
 * The end of a later slot that the pipeline of a minute has begun to load: its run reads everything that has arrived, and
 * a run of an earlier minute that only now gets its turn has nothing to do. So hours of runs that no worker took cost a
 * plan each. One that was caught up or backfilled reads its own minute instead.
 *
 * @returns ISO 8601; null where the run's turn has not passed.
 */
export async function passedBy(
  db: Database,
  pipeline: PlanRequest['pipeline'],
  slot: ScheduledSlot | undefined,
): Promise<string | null> {
  if (pipeline !== 'minute' || slot === undefined || slot.late) return null;
  const later = await db
    .selectFrom('control.load')
    .select((select) => select.fn.max('slot_end').as('end'))
    .where('pipeline', '=', pipeline)
    .where('slot_end', '>', new Date(slot.end))
    .executeTakeFirst();
  return later?.end?.toISOString() ?? null;
}
