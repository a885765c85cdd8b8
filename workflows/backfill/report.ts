import type { HeldInterval } from '../../activities/backfill.ts';
import type { Survey } from '../../activities/backfill/survey.ts';
import { GRAIN_MS } from '../../models/grain.ts';
import type { BackfillRequest } from './input.ts';
import type { BackfillState, FailedInterval, Paused } from './state.ts';
import { liveCount, paceMs } from './window.ts';

/** Where a backfill stands, as `weir backfill` shows it; at its end, what it came to. */
export interface BackfillReport {
  readonly state:
    | 'looking'
    | 'loading'
    | 'paused'
    | 'done'
    | 'failed'
    | 'cancelled'
    | 'nothingMissed'
    | 'dryRun';
  readonly survey: Survey | null;
  readonly done: number;
  readonly skipped: number;
  /** Intervals that go on now, by where they begin. */
  readonly live: readonly string[];
  readonly waiting: number;
  readonly failures: number;
  /** The first of the failures. */
  readonly failed: readonly FailedInterval[];
  readonly held: readonly HeldInterval[];
  readonly width: number;
  readonly paused: Paused | null;
  /** Milliseconds an interval, lately. */
  readonly paceMs: number | null;
  /** When it will have ended at this pace, ISO 8601. */
  readonly expectedEnd: string | null;
  /** The command that goes on where this one stopped; null where nothing is left. */
  readonly resume: string | null;
}

/** Reads the state into a report. @param now epoch milliseconds. */
export function reportOf(
  state: BackfillState,
  request: BackfillRequest,
  now: number,
  is: BackfillReport['state'],
): BackfillReport {
  const pace = paceMs(state);
  const waiting = waitingCount(state, request);
  const left = waiting + liveCount(state);
  const goesOn = is === 'loading' && state.paused === null && pace !== null && left > 0;
  return {
    state: is === 'loading' && state.paused !== null ? 'paused' : is,
    survey: state.survey,
    done: state.done,
    skipped: state.skipped,
    live: Object.keys(state.live),
    waiting,
    failures: state.failures,
    failed: state.failed,
    held: state.held,
    width: state.width,
    paused: state.paused,
    paceMs: pace,
    expectedEnd: goesOn ? new Date(now + pace * left).toISOString() : null,
    resume: state.failures > 0 || waiting > 0 ? resumeCommand(state, request) : null,
  };
}

/** Not begun, as far as is known: what the ledger has done meanwhile is found when its turn comes. */
function waitingCount(state: BackfillState, { again }: BackfillRequest): number {
  if (state.survey === null) return 0;
  const { intervals, done } = state.survey;
  const skipped = again ? 0 : Math.max(state.skipped, done);
  return Math.max(0, intervals - skipped - state.done - state.failures - liveCount(state));
}

/** `weir backfill …` that goes on: what is done is skipped, and where that is not wanted the range begins later. */
export function resumeCommand(
  { survey, failed, queue, cursor }: BackfillState,
  request: BackfillRequest,
): string | null {
  if (survey?.range === undefined || survey.range === null) return null;
  const { pipeline, again, models, newestFirst, stopAfter } = request;
  const range = again ? unfinished() : survey.range;
  return [
    `weir backfill ${pipeline}`,
    ...(survey.missedOnly ? [] : [`--from ${shortTime(range.from)} --to ${shortTime(range.to)}`]),
    ...(models === null ? [] : [`--models ${models.join(',')}`]),
    ...(again ? ['--again'] : []),
    ...(newestFirst ? ['--newest-first'] : []),
    ...(stopAfter === 1 ? [] : [`--stop-after ${stopAfter}`]),
  ].join(' ');

  function unfinished(): { readonly from: string; readonly to: string } {
    const { from = '', to = '' } = survey?.range ?? {};
    const starts = [...failed.map(({ start }) => start), ...queue].sort();
    const grain = GRAIN_MS[pipeline];
    const [first = cursor ?? from] = starts;
    const last = starts.at(-1) ?? cursor ?? to;
    return newestFirst ? { from, to: new Date(Date.parse(last) + grain).toISOString() } : { from: first, to };
  }
}

/** `2017-01-02T08:00Z`, or `2017-01-02` at midnight. */
export function shortTime(iso: string): string {
  const minute = new Date(iso).toISOString().slice(0, 16);
  return minute.endsWith('T00:00') ? minute.slice(0, 10) : `${minute}Z`;
}

/** The id of an interval's run. @param start ISO 8601. */
export function intervalRunId(backfillId: string, start: string): string {
  return `${backfillId}/${new Date(start).toISOString().slice(0, 16)}Z`;
}

/** The interval of a run's id; null where it is none of this backfill's. */
export function intervalOfRun(backfillId: string, workflowId: string): string | null {
  return workflowId.startsWith(`${backfillId}/`) ? workflowId.slice(backfillId.length + 1) : null;
}
