import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../databases.ts';
import { clearAlarm, keepPage, openAlarms } from './books.ts';
import { findEndedRuns, isOpen, readEnding, type EndedRun, type Ending } from './ended-runs.ts';
import { findGoodRun } from './good-runs.ts';
import { each, type LookDeps } from './look.ts';
import { endedPage, endedWellPage, forgottenPage } from './run-end-pages.ts';
import { BY_HAND, typeOf } from './subjects.ts';

/** By how much looks overlap: visibility tells late of a run that has ended, and clocks differ. */
const OVERLAP_MS = 3_600_000;

/** Runs that one round looks into; what is left is the next one's. */
const RUNS_AT_ONCE = 200;

/** What nobody runs by a schedule is taken as ended on purpose when nobody has begun it again for so long. */
const FORGOTTEN_MS = 24 * 3_600_000;

const MARK = 'runEnded';

/**
 * Tells of runs that were terminated or timed out since the last look, each once, however long ago that was; and that it
 * is well again once a run of the same pipeline has gone through.
 */
export async function lookForRunEnds(deps: LookDeps): Promise<readonly string[]> {
  const lines = await findNew(deps);
  await resolveWell(deps);
  const open = await openAlarms(deps.db, 'runEnded');
  return [
    ...lines,
    ...open.map(
      ({ subject, since }) =>
        `${subject}: a run ended at ${since.toISOString()} and none has gone through since`,
    ),
  ];
}

async function findNew(deps: LookDeps): Promise<readonly string[]> {
  const { db } = deps;
  const begun = new Date();
  const mark = await db
    .selectFrom('control.watch_mark')
    .select('at')
    .where('what', '=', MARK)
    .executeTakeFirst();
  // What ended before anybody watched is nobody's news.
  const since = mark === undefined ? begun : new Date(mark.at.getTime() - OVERLAP_MS);
  const ended = mark === undefined ? [] : await findEndedRuns(deps, since);
  const fresh = await notLookedAt(deps, ended);
  const now = fresh.slice(0, RUNS_AT_ONCE);
  const endings = await each(now, async (run) => ({ run, ending: await judge(deps, run) }));
  const lines: string[] = [];
  const told = new Map<string, Ended[]>();
  for (const { run, ending } of endings)
    if (typeof ending === 'string') lines.push(...((await noteRuns(db, [run])).size > 0 ? [ending] : []));
    else {
      const key = `${run.subject} ${ending.isWell ?? ''}`;
      told.set(key, [...(told.get(key) ?? []), { run, ending }]);
    }
  for (const these of told.values()) await tell(deps, these);
  const last = now.at(-1);
  const upTo = fresh.length > now.length && last !== undefined ? last.endedAt : begun;
  await db
    .insertInto('control.watch_mark')
    .values({ what: MARK, at: upTo })
    .onConflict((conflict) => conflict.column('what').doUpdateSet({ at: upTo }))
    .execute();
  await db
    .deleteFrom('control.watch_ended_run')
    .where('ended_at', '<', new Date(upTo.getTime() - 2 * OVERLAP_MS))
    .execute();
  return lines;
}

async function notLookedAt({ db }: LookDeps, ended: readonly EndedRun[]): Promise<readonly EndedRun[]> {
  if (ended.length === 0) return [];
  const { rows } = await sql<{ run_id: string }>`
    select run_id from control.watch_ended_run where run_id = any (${ended.map(({ runId }) => runId)}::text[])`.execute(
    db,
  );
  const known = new Set(rows.map(({ run_id: runId }) => runId));
  return ended.filter(({ runId }) => !known.has(runId));
}

/** How a run ended that on-call is to hear of; a sentence of why not for any other. */
async function judge(deps: LookDeps, run: EndedRun): Promise<Judged | string> {
  const { parentId, subject } = run;
  const ending = await readEnding(deps, run);
  if (ending === null) return `${subject}: ${run.workflowId} ended, and the server has forgotten how`;
  const what = `${subject}: ${run.workflowId} ${run.status === 'TIMED_OUT' ? 'timed out' : 'was terminated'}`;
  if (ending.goesOn) return `${what} by a reset, and goes on`;
  if (run.isDryRun) return `${what}; it was only to look`;
  if (parentId !== null && (await isOpen(deps, parentId))) return `${what}; ${parentId} tells of it`;
  // Nobody is woken for what is well again.
  if (run.type === 'freshnessMonitor') return { ...ending, isWell: 'it is at work again' };
  const good = await findGoodRun(deps, subject, run.endedAt);
  return { ...ending, isWell: good === null ? null : `${good.workflowId} has gone through since` };
}

interface Judged extends Ending {
  /** Why it is well again by now; null where it is not. */
  readonly isWell: string | null;
}

interface Ended {
  readonly run: EndedRun;
  readonly ending: Judged;
}

/**
 * Notes runs of one subject as looked at, and that on-call is to be told, in one transaction: one page, whether one was
 * ended or a hundred in a batch; a change event where it is well again.
 */
async function tell({ db }: LookDeps, ended: readonly Ended[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const first = await noteRuns(
      transaction,
      ended.map(({ run }) => run),
    );
    const fresh = ended.filter(({ run }) => first.has(run.runId));
    const newest = fresh.at(-1);
    if (newest === undefined) return;
    const { subject, runId, endedAt } = newest.run;
    const row = { state: 'raised' as const, since: endedAt, run_id: runId };
    if (newest.ending.isWell === null)
      await transaction
        .insertInto('control.watch_alarm')
        .values({ alarm: 'runEnded', subject, ...row })
        .onConflict((conflict) => conflict.columns(['alarm', 'subject']).doUpdateSet(row))
        .execute();
    await keepPage(transaction, endedPage(newest.run, newest.ending, fresh.length - 1), 'raised');
  });
}

/** @returns the ids of those that nobody had looked at before. */
async function noteRuns(
  db: Database | DatabaseTransaction,
  runs: readonly EndedRun[],
): Promise<ReadonlySet<string>> {
  const rows = await db
    .insertInto('control.watch_ended_run')
    .values(runs.map(({ runId, endedAt }) => ({ run_id: runId, ended_at: endedAt })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('run_id')
    .execute();
  return new Set(rows.map(({ run_id: runId }) => runId));
}

async function resolveWell(deps: LookDeps): Promise<void> {
  for (const { subject, since, run_id: runId } of await openAlarms(deps.db, 'runEnded')) {
    const good = await findGoodRun(deps, subject, since);
    if (good !== null) await clearAlarm(deps.db, endedWellPage(subject, runId, good));
    else if (BY_HAND.some((type) => type === typeOf(subject)) && Date.now() - since.getTime() > FORGOTTEN_MS)
      await clearAlarm(deps.db, forgottenPage(subject, runId));
  }
}
