import { sql } from 'kysely';
import { firstLoaded, missedOf, type NamedSlot } from '../../activities/missed-slots.ts';
import { scheduleBook } from '../../workers/schedules/book.ts';
import { namedSlots } from '../../workers/schedules/named-times.ts';
import { pipelineOf, type WeirSchedule } from '../../workers/schedules/schedule.ts';
import type { Connections } from '../connect.ts';

/** Slots that follow each other and that one backfill runs. */
export interface MissedRange {
  /** Data interval, `[from, to)`, ISO 8601, UTC. */
  readonly from: string;
  readonly to: string;
  readonly slots: number;
  /** The first and the last time that the schedule names of them, as the Schedules page asks for them. */
  readonly firstScheduledAt: string;
  readonly lastScheduledAt: string;
}

/** What a schedule named and nobody ran. */
export interface Missed {
  readonly slots: number;
  readonly ranges: readonly MissedRange[];
  /** The load by arrival that has brought the rows which came meanwhile; null where the next run will. */
  readonly cameWith: { readonly loadId: number; readonly openedAt: string } | null;
}

/** Of a schedule that has no slots that are loaded, or has taken them all. */
export const NOTHING_MISSED: Missed = { slots: 0, ranges: [], cameWith: null };

const WEEK_MS = 7 * 86_400_000;

/** How far back anybody looks. */
const LOOK_BACK_MS = 400 * 86_400_000;

/** What is due so lately may be starting just now. */
const DUE_MS = 2 * 60_000;

/**
 * The slots of a schedule that no run took, in the week before now and for as long as nothing ran before: while it was
 * paused, or in an outage longer than the catch-up window. Nothing was missed before this database was first loaded, and
 * nothing of a schedule of a minute: what a minute missed comes with the next.
 */
export async function readMissed(
  { database, client }: Pick<Connections, 'database' | 'client'>,
  schedule: WeirSchedule,
  now: Date = new Date(),
): Promise<Missed> {
  const kind = pipelineOf(schedule);
  if (kind === null || kind.pipeline === 'minute') return NOTHING_MISSED;
  const { pipeline } = kind;
  const begun = await firstLoaded(database, pipeline);
  if (begun === null) return NOTHING_MISSED;
  const last = await lastSlot(database, pipeline);
  const quietSince = Math.min(now.getTime() - WEEK_MS, last?.getTime() ?? Number.POSITIVE_INFINITY);
  const after = Math.max(begun.getTime(), quietSince, now.getTime() - LOOK_BACK_MS);
  const before = new Date(now.getTime() - DUE_MS - (schedule.jitterMs ?? 0));
  const named = namedSlots(schedule, new Date(after), before);
  const missed = await missedOf(database, scheduleBook(client, [schedule]), pipeline, named);
  const newest = missed.at(-1);
  return {
    slots: missed.length,
    ranges: rangesOf(missed),
    cameWith: newest === undefined ? null : await arrivedSince(database, pipeline, newest.scheduledAt),
  };
}

/** Joins slots whose data intervals lie side by side. */
export function rangesOf(missed: readonly NamedSlot[]): readonly MissedRange[] {
  const ranges: MissedRange[] = [];
  for (const { start, end, scheduledAt } of missed) {
    const last = ranges.at(-1);
    if (last?.to === start)
      ranges[ranges.length - 1] = { ...last, to: end, slots: last.slots + 1, lastScheduledAt: scheduledAt };
    else
      ranges.push({
        from: start,
        to: end,
        slots: 1,
        firstScheduledAt: scheduledAt,
        lastScheduledAt: scheduledAt,
      });
  }
  return ranges;
}

async function lastSlot(database: Connections['database'], pipeline: string): Promise<Date | null> {
  const row = await database
    .selectFrom('control.load')
    .select(({ fn }) => fn.max('slot_end').as('end'))
    .where('pipeline', '=', pipeline)
    .where('slot_end', 'is not', null)
    .executeTakeFirst();
  return row?.end ?? null;
}

async function arrivedSince(
  database: Connections['database'],
  pipeline: string,
  scheduledAt: string,
): Promise<Missed['cameWith']> {
  const row = await database
    .selectFrom('control.load')
    .select(['load_id', 'opened_at'])
    .where('pipeline', '=', pipeline)
    .where('state', 'in', ['published', 'empty'])
    .where(sql<boolean>`read_window ->> 'kind' <> 'interval' and not read_window ? 'replayOf'`)
    .where('opened_at', '>=', new Date(scheduledAt))
    .orderBy('load_id')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : { loadId: row.load_id, openedAt: row.opened_at.toISOString() };
}

/** What was missed, what became of its rows, and what runs it: lines for people, none where nothing was. */
export function missedLines({ slots, ranges, cameWith }: Missed, schedule: WeirSchedule): readonly string[] {
  const kind = pipelineOf(schedule);
  if (slots === 0 || kind === null) return [];
  const rows =
    cameWith === null
      ? 'the rows that arrived meanwhile come with the next run'
      : `the rows that arrived meanwhile came with later runs, the first of them load ${cameWith.loadId} at ${cameWith.openedAt}`;
  const whole = ranges.every(({ from, to }) => [from, to].every((at) => Date.parse(at) % kind.grainMs === 0));
  return [
    `missed ${slots} ${slots === 1 ? 'slot' : 'slots'}; ${rows}.`,
    'To run each as itself:',
    // A backfill's intervals are hours and days of UTC; local days are what the schedule itself runs.
    ...(whole
      ? ranges.map(({ from, to }) => `  npm run weir -- backfill ${kind.pipeline} --from ${from} --to ${to}`)
      : []),
    ...ranges.map(
      ({ firstScheduledAt, lastScheduledAt }) =>
        `  ${whole ? 'or on' : 'on'} the Schedules page: Backfill, Allow All, from ${firstScheduledAt} to ${withJitter(lastScheduledAt, schedule.jitterMs)}`,
    ),
  ];
}

/** Temporal compares the time with its jitter with the end of a backfill: without it the last slot would be lost. */
function withJitter(time: string, jitterMs = 0): string {
  return `${new Date(Date.parse(time) + jitterMs).toISOString().slice(0, 19)}Z`;
}
