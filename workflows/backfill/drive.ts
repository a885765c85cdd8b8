import { condition, getExternalWorkflowHandle, sleep, workflowInfo } from '@temporalio/workflow';
import type { BackfillRequest } from './input.ts';
import { awaitInterval, runInterval, type IntervalOrder } from './interval.ts';
import { pageFailedInterval } from './pages.ts';
import { intervalRunId, shortTime, type BackfillReport } from './report.ts';
import { showBackfill } from './show.ts';
import type { BackfillState, FailedInterval } from './state.ts';
import { backfillStations } from './stations.ts';
import { begin, end, isOver, isStopped, liveCount, startable } from './window.ts';

/** What drives the intervals of one run of a backfill. */
export interface Drive {
  readonly request: BackfillRequest;
  readonly state: BackfillState;
  /** Where it stands, in a word. */
  is: BackfillReport['state'];
  /** Whether something has happened since the window was looked at. */
  changed: boolean;
  /** Intervals that were ordered and whose runs do not exist yet. */
  starting: number;
  /** Intervals that go on and are no children of this run: it went on anew, or was reset. */
  readonly others: Set<string>;
  /** What the search attributes say. */
  shown: string;
}

/** A drive that begins, or goes on anew. */
export function newDrive(request: BackfillRequest, state: BackfillState): Drive {
  const is = state.survey === null ? 'looking' : 'loading';
  return { request, state, is, changed: false, starting: 0, others: new Set(), shown: '' };
}

/** Before it goes on anew, a backfill waits so long for what goes on; what takes longer is taken along. */
const DRAIN = '5 seconds';

/** Nothing has ended for so long: what is held should be seen. Longer each time, so that waiting takes no history. */
const QUIET_MS = { first: 15_000, longest: 15 * 60_000 };

/**
 * Begins intervals as there is room, until none is left or it is time to go on anew.
 *
 * @returns `goOn` where the state is to be carried into a run of its own: then every run that was ordered exists.
 */
export async function walkIntervals(drive: Drive): Promise<'over' | 'goOn'> {
  const { state, request } = drive;
  for (const start of Object.keys(state.live)) void follow(drive, start, awaitCarried(drive, start));
  void lookWhenQuiet(drive).catch(() => undefined); // Only a cancellation ends it, and that is seen below.
  let fetched = false;
  for (;;) {
    drive.changed = false;
    await pageFailedInterval(state, request);
    for (const start of startable(state, request.stopAfter)) order(drive, start);
    showBackfill(drive);
    if (isOver(state, request.stopAfter)) return 'over';
    if (isUsedUp(drive) && !fetched) {
      await fetchIntervals(drive);
      fetched = true;
    } else if (isDue(drive)) {
      await drain(drive);
      if (isDue(drive)) return 'goOn';
    } else {
      await condition(() => drive.changed);
    }
  }
}

/** Whether the ledger has to be asked for more. */
function isUsedUp({ state, request }: Drive): boolean {
  return state.queue.length === 0 && state.more && !isStopped(state, request.stopAfter);
}

/** Whether it is time to go on anew. */
function isDue(drive: Drive): boolean {
  const { state, request } = drive;
  if (isStopped(state, request.stopAfter)) return false;
  return isUsedUp(drive) || workflowInfo().continueAsNewSuggested;
}

/** Lets go on what goes on for a while, and waits until every run that was ordered exists. */
async function drain(drive: Drive): Promise<void> {
  const { state, request } = drive;
  await condition(() => liveCount(state) === 0 || isStopped(state, request.stopAfter), DRAIN, {
    summary: 'going on anew: wait for what ends meanwhile',
  });
  await condition(() => drive.starting === 0);
}

async function fetchIntervals({ state, request }: Drive): Promise<void> {
  const { survey } = state;
  if (survey === null || survey.range === null) {
    state.more = false;
    return;
  }
  const { pipeline, range, missedOnly, models } = survey;
  const { again, newestFirst } = request;
  const after = state.cursor;
  const next = await backfillStations.next(
    { pipeline, ...range, missedOnly, models, again, newestFirst, after, limit: state.aRun },
    after === null ? 'find the first intervals' : `find the intervals behind ${shortTime(after)}`,
  );
  state.queue.push(...next.starts);
  state.skipped += next.skipped;
  state.cursor = next.starts.at(-1) ?? after;
  state.more = next.more;
}

/** Begins an interval. */
function order(drive: Drive, start: string): void {
  begin(drive.state, start, Date.now());
  void follow(drive, start, load(drive, start));
}

async function load(drive: Drive, start: string): Promise<FailedInterval | null> {
  let ordered = true;
  drive.starting += 1;
  const begun = (): void => {
    if (ordered) drive.starting -= 1;
    ordered = false;
  };
  return await runInterval(orderOf(drive, start), begun, () => awaitOther(drive, start));
}

function orderOf({ request, state }: Drive, start: string): IntervalOrder {
  return { request, models: state.survey?.models ?? [], start };
}

async function awaitOther(drive: Drive, start: string): Promise<FailedInterval | null | undefined> {
  drive.others.add(start);
  const ended = await awaitInterval(orderOf(drive, start));
  drive.others.delete(start);
  return ended;
}

/** An interval of an earlier run of this backfill; one whose run never came to be is begun now. */
async function awaitCarried(drive: Drive, start: string): Promise<FailedInterval | null> {
  const ended = await awaitOther(drive, start);
  return ended === undefined ? await load(drive, start) : ended;
}

async function follow(drive: Drive, start: string, ending: Promise<FailedInterval | null>): Promise<void> {
  const cancelled: FailedInterval = { start, reason: 'was not waited for any more', gate: false };
  const failure = await ending.catch(() => cancelled);
  end(drive.state, start, Date.now(), failure);
  drive.changed = true;
}

/** Looks at what is held, as long as nothing ends: no interval tells by itself that it waits. */
async function lookWhenQuiet(drive: Drive): Promise<void> {
  const { state } = drive;
  for (let quietMs = QUIET_MS.first; ;) {
    const before = state.done + state.failures;
    await sleep(quietMs, { summary: 'look what is held if nothing ends' });
    if (state.done + state.failures !== before) {
      quietMs = QUIET_MS.first;
      continue;
    }
    quietMs = Math.min(quietMs * 2, QUIET_MS.longest);
    drive.changed = true; // One that is paused for months is to notice that its history has grown long.
    const models = state.survey?.models ?? [];
    if (liveCount(state) === 0 || models.length === 0) continue;
    state.held = [...(await backfillStations.lookForHeld({ models: [...models] }, 'look what is held'))];
    drive.changed = true;
  }
}

/** Cancels what goes on, and waits until all of it has ended. Children have been told by the cancellation itself. */
export async function cancelIntervals(drive: Drive): Promise<void> {
  const { workflowId } = workflowInfo();
  await Promise.all(
    [...drive.others].map(async (start) => {
      await getExternalWorkflowHandle(intervalRunId(workflowId, start))
        .cancel()
        .catch(() => undefined); // It has ended by itself.
      await awaitOther(drive, start);
    }),
  );
  await condition(() => liveCount(drive.state) === 0);
  showBackfill(drive, 'cancelled');
}
