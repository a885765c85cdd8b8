import { sql } from 'kysely';
import type { PlannedInterval, PlanRequest, ScheduledSlot } from '../models/plan.ts';
import type { Database } from './databases.ts';

/** A slot that a schedule names. */
export interface NamedSlot extends PlannedInterval {
  /** When the schedule means its run to start, without jitter; ISO 8601, UTC. */
  readonly scheduledAt: string;
  /** The id that the server gives that run. */
  readonly workflowId: string;
}

/** What schedules name, and whether it was run. */
export interface ScheduleBook {
  /** The slots whose times lie after one instant and before another, oldest first; none of a schedule that is not in the code. */
  slots(scheduleId: string, after: Date, before: Date): readonly NamedSlot[];
  /** Whether the server knows a run of that id, ended or not. */
  hasRun(workflowId: string): Promise<boolean>;
}

/** What a run says of the slots before its own: the last of them, and how many there are. */
export interface MissedSlots {
  readonly missedSlots: readonly string[];
  readonly missedSlotCount: number;
}

/** How many are named: a page of the UI, and two days of hours. */
const NAMED_AT_MOST = 48;

/** How far back anybody looks. */
const LOOK_BACK_MS = 400 * 86_400_000;

/**
 * The slots between the last one that a run was scheduled for and this run's own, that no run took: the schedule was
 * paused, or nothing could start for longer than its catch-up window. Asks the ledger once where there is no gap, which
 * is nearly always. Of a pipeline of a minute nothing is told: what a minute missed comes with the next, and a model that
 * is held has no load of its minutes.
 */
export async function missedBefore(
  db: Database,
  book: ScheduleBook | undefined,
  { pipeline }: Pick<PlanRequest, 'pipeline'>,
  slot: ScheduledSlot | undefined,
): Promise<MissedSlots | null> {
  const { scheduleId, scheduledAt } = slot ?? {};
  if (pipeline === 'minute') return null;
  if (book === undefined || slot === undefined || scheduleId === undefined || scheduledAt === undefined)
    return null;
  const last = await lastSlot(db, pipeline, slot.end);
  if (last === null || last.getTime() >= Date.parse(slot.start)) return null;
  // A slot of long ago may have been backfilled before anything ran by schedule.
  const begun = await firstLoaded(db, pipeline);
  const after = begun !== null && begun > last ? begun : last;
  const named = book.slots(scheduleId, after, new Date(scheduledAt)).filter(({ end }) => end < slot.end);
  const missed = await missedOf(db, book, pipeline, named);
  if (missed.length === 0) return null;
  return {
    missedSlots: missed.slice(-NAMED_AT_MOST).map(({ end }) => end),
    missedSlotCount: missed.length,
  };
}

/**
 * Those of a schedule's slots that no run took: no load of the ledger was scheduled for them or read just their rows by
 * event time, and the server knows no run of theirs.
 *
 * @param slots oldest first; of several with one end the first counts
 */
export async function missedOf(
  db: Database,
  book: Pick<ScheduleBook, 'hasRun'>,
  pipeline: string,
  slots: readonly NamedSlot[],
): Promise<readonly NamedSlot[]> {
  const byEnd = new Map(slots.toReversed().map((slot) => [Date.parse(slot.end), slot]));
  if (byEnd.size === 0) return [];
  const named = [...byEnd.values()];
  const { rows } = await sql<{ end: Date }>`
    select slot.slot_end as "end"
    from unnest(${named.map(({ start }) => start)}::timestamptz[], ${named.map(({ end }) => end)}::timestamptz[])
      as slot (slot_start, slot_end)
    where not exists (
        select from control.load as load where load.pipeline = ${pipeline} and load.slot_end = slot.slot_end)
      and not exists (
        select from control.load as load
        where load.pipeline = ${pipeline} and load.state in ('published', 'empty')
          and load.interval_start <= slot.slot_start and load.interval_end >= slot.slot_end)
    order by 1`.execute(db);
  const unloaded = rows.flatMap(({ end }) => byEnd.get(end.getTime()) ?? []);
  // Whatever is older has left the server's memory, and only the ledger tells.
  const asked = unloaded.slice(-NAMED_AT_MOST);
  const known = await Promise.all(asked.map(({ workflowId }) => book.hasRun(workflowId)));
  const ran = new Set(asked.filter((_, at) => known[at]).map(({ workflowId }) => workflowId));
  return unloaded.filter(({ workflowId }) => !ran.has(workflowId));
}

/** When a pipeline first loaded anything in this database: nothing was missed before. */
export async function firstLoaded(db: Database, pipeline: string): Promise<Date | null> {
  const row = await db
    .selectFrom('control.load')
    .select('opened_at')
    .where('pipeline', '=', pipeline)
    .orderBy('load_id')
    .limit(1)
    .executeTakeFirst();
  return row?.opened_at ?? null;
}

/** The end of the last slot up to another that a run was scheduled for, and that any model was opened for. */
async function lastSlot(db: Database, pipeline: string, end: string): Promise<Date | null> {
  const row = await db
    .selectFrom('control.load')
    .select((select) => select.fn.max('slot_end').as('last'))
    .where('pipeline', '=', pipeline)
    .where('slot_end', '<=', new Date(end))
    .where('slot_end', '>', new Date(Date.parse(end) - LOOK_BACK_MS))
    .executeTakeFirst();
  return row?.last ?? null;
}
