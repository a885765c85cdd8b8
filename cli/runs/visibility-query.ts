import { WORKFLOW_OF } from '../../models/grain.ts';
import { Failure } from '../exit-codes.ts';

/** What `weir runs` finds them by. */
export interface RunFilter {
  readonly taskQueue: string;
  readonly pipeline: string | null;
  readonly state: RunState | null;
  /** Runs that began since then, ISO 8601; null: however long ago. */
  readonly since: string | null;
}

/** What `--state` takes, and the condition of Temporal's visibility that each stands for. */
const STATES = {
  running: 'ExecutionStatus = "Running"',
  held: 'ExecutionStatus = "Running" and WeirGateState = "held"',
  passed: 'ExecutionStatus = "Completed"',
  left: 'WeirGateState = "left"',
  failed: 'ExecutionStatus in ("Failed", "TimedOut")',
  cancelled: 'ExecutionStatus = "Canceled"',
  terminated: 'ExecutionStatus = "Terminated"',
} as const;

export type RunState = keyof typeof STATES;

/** The states by name, as help and completion show them. */
export const runStates: readonly RunState[] = [
  'running',
  'held',
  'passed',
  'left',
  'failed',
  'cancelled',
  'terminated',
];

/** The workflows that load: all others of the queue tidy up or page. */
const TYPES = [...Object.values(WORKFLOW_OF), 'backfill'];

/**
 * The query that finds runs, for `weir runs` and the UI's search box.
 *
 * @see https://docs.temporal.io/list-filter
 */
export function visibilityQuery({ taskQueue, pipeline, state, since }: RunFilter): string {
  return [
    `TaskQueue = ${quoted(taskQueue)}`,
    `WorkflowType in (${TYPES.map(quoted).join(', ')})`,
    ...(pipeline === null ? [] : [`WeirPipeline = ${quoted(pipeline)}`]),
    ...(state === null ? [] : [STATES[state]]),
    ...(since === null ? [] : [`StartTime >= ${quoted(since)}`]),
  ].join(' and ');
}

/** Strings of a list filter take the escapes of JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

const UNITS = { m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * The beginning of `--since`: a length of time back from now, or a moment.
 *
 * @throws Failure (3) for any other text.
 */
export function readSince(text: string | undefined, now: Date): string | null {
  if (text === undefined) return null;
  const length = /^([1-9]\d{0,5}) ?(m|min|h|d)$/.exec(text);
  const unit = Object.entries(UNITS).find(([name]) => name === length?.[2])?.[1];
  if (length !== null && unit !== undefined)
    return new Date(now.getTime() - Number(length[1]) * unit).toISOString();
  const moment = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:?\d\d))?$/.test(text) ? new Date(text) : null;
  if (moment !== null && !Number.isNaN(moment.getTime())) return moment.toISOString();
  throw new Failure(
    `--since ${text} is neither a length of time, such as 24h, 90min or 7d, nor a moment, such as 2017-01-02T08:00:00Z`,
  );
}
