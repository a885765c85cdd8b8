import { sql } from 'kysely';
import { clearAlarm, confirmAlarm, openAlarms } from './books.ts';
import type { LookDeps } from './look.ts';
import { missedPage, runsAgainPage } from './schedule-pages.ts';

/** What the server says of a schedule of the code. */
export interface ScheduleSight {
  readonly scheduleId: string;
  readonly workflowType: string;
  /** Whether the server has it, starting runs of this installation. */
  readonly isThere: boolean;
  /** Why it is paused, as whoever paused it said; null where it is not. */
  readonly paused: string | null;
  /** When it was made or last changed: what was due before then was another schedule's. */
  readonly changedAt: Date | null;
  /** The last time that it names and by which a run has to have begun by now, ISO 8601 UTC; null where there is none. */
  readonly lastDue: string | null;
  /** Whether the server knows the run of that time, or one of a later time. */
  readonly hasRun: boolean;
  /** What it left out: because nothing could start for longer than it catches up for, and because another run went on. */
  readonly missedCatchUp: number;
  readonly skippedOverlap: number;
}

/** The schedules that the code says this installation has, as the server has them. */
export type ScheduleSights = () => Promise<readonly ScheduleSight[]>;

/** What the server writes when it pauses a schedule itself. @see https://docs.temporal.io/schedule#pause-on-failure */
const PAUSED_BY_SERVER = /^paused due to workflow/i;

/**
 * Tells of schedules that did not run when they should have, or are not there. One that a person paused is as it should
 * be; what it does to freshness is the objectives' business.
 */
export async function lookForMissedSchedules(
  deps: LookDeps,
  readSights: ScheduleSights,
): Promise<readonly string[]> {
  const sights = await readSights();
  const known = await seenBefore(deps);
  const anyThere = sights.some(({ isThere }) => isThere) || known.size > 0;
  const lines: string[] = [];
  for (const sight of sights)
    lines.push(...(await lookAt(deps, sight, known.get(sight.scheduleId) ?? null, anyThere)));
  await forgetOthers(deps, sights);
  return lines;
}

interface Seen {
  readonly pausedAt: Date | null;
}

async function seenBefore({ db }: LookDeps): Promise<ReadonlyMap<string, Seen>> {
  const rows = await db.selectFrom('control.watch_schedule').select(['schedule_id', 'paused_at']).execute();
  return new Map(rows.map(({ schedule_id: id, paused_at: pausedAt }) => [id, { pausedAt }]));
}

async function lookAt(
  deps: LookDeps,
  sight: ScheduleSight,
  seen: Seen | null,
  anyThere: boolean,
): Promise<readonly string[]> {
  const { scheduleId, isThere, paused } = sight;
  const byPerson = paused !== null && !PAUSED_BY_SERVER.test(paused);
  if (isThere) await noteSeen(deps, scheduleId, byPerson);
  if (isThere && byPerson) {
    await clearAlarm(deps.db, runsAgainPage(sight, `is paused by a person: ${paused}`));
    return [`${scheduleId}: paused (${paused})`];
  }
  const problem = problemOf(sight, seen, anyThere);
  if (problem === null) {
    await clearAlarm(deps.db, runsAgainPage(sight, 'runs again'));
    return [
      isThere
        ? `${scheduleId}: last due ${sight.lastDue ?? 'never'}, run`
        : `${scheduleId}: not on the server`,
    ];
  }
  await confirmAlarm(deps.db, { page: missedPage(sight, problem), confirmMs: deps.pace.confirmMs });
  return [`${scheduleId}: ${problem}`];
}

/** What is wrong with a schedule that nobody has paused; null where nothing is. */
function problemOf(
  { isThere, lastDue, changedAt, hasRun, paused }: ScheduleSight,
  seen: Seen | null,
  anyThere: boolean,
): string | null {
  // An installation whose schedules nobody has applied yet is no news; one of several that is gone is.
  if (!isThere) return anyThere ? 'the server does not have it' : null;
  if (lastDue === null || hasRun) return null;
  const due = new Date(lastDue);
  const pausedAt = seen?.pausedAt ?? null;
  if ((changedAt !== null && due <= changedAt) || (pausedAt !== null && due <= pausedAt)) return null;
  return paused === null
    ? `no run has begun for ${lastDue}, nor since`
    : `the server paused it (${paused}), so no run has begun for ${lastDue}`;
}

async function noteSeen({ db }: LookDeps, scheduleId: string, paused: boolean): Promise<void> {
  const now = sql<Date>`pg_catalog.clock_timestamp()`;
  await db
    .insertInto('control.watch_schedule')
    .values({ schedule_id: scheduleId, seen_at: now, ...(paused ? { paused_at: now } : {}) })
    .onConflict((conflict) =>
      conflict.column('schedule_id').doUpdateSet({ seen_at: now, ...(paused ? { paused_at: now } : {}) }),
    )
    .execute();
}

/** A schedule that the code has no more is not missed. */
async function forgetOthers({ db }: LookDeps, sights: readonly ScheduleSight[]): Promise<void> {
  const ids = sights.map(({ scheduleId }) => scheduleId);
  const gone = (await openAlarms(db, 'scheduleMissed')).filter(({ subject }) => !ids.includes(subject));
  for (const { subject } of gone)
    await clearAlarm(db, runsAgainPage({ scheduleId: subject }, 'is none of the code’s any more'));
  await sql`delete from control.watch_schedule where schedule_id <> all (${ids}::text[])`.execute(db);
}
