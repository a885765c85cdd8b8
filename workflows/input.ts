import { ApplicationFailure } from '@temporalio/workflow';
import { durationMs } from './duration.ts';

/**
 * What a person or a schedule may ask of a pipeline run. Every field is optional: `{}` or nothing at all does the
 * usual thing. Field names are those of the Temporal UI's input box.
 */
export interface PipelineInput {
  /** The time the run judges by, ISO 8601 with a zone. Default: the scheduled time, else the start. */
  readonly asOf?: string;
  /**
   * The zone whose days (of an hourly pipeline, hours) its data interval is made of: `America/New_York`. A schedule in
   * local time gives it. Default: UTC.
   */
  readonly timeZone?: string;
  /** Only these models; what else they read is read as it stands. Default: all of the pipeline's. */
  readonly models?: readonly string[];
  /** How long a held gate waits for a person: `12h`, `30 minutes`, `90s`, `2d`. Default by pipeline. */
  readonly holdFor?: string;
  /** Read rows by event time from here (ISO 8601), instead of what arrived. Needs `intervalEnd`. */
  readonly intervalStart?: string;
  /** … up to but not including here. */
  readonly intervalEnd?: string;
  /** Incremental models to make anew from whole relations, as after a changed SELECT. */
  readonly fullRefresh?: readonly string[];
  /**
   * A load of the ledger whose window is read again: that load's model alone runs, and nothing is extracted. Give its
   * `asOf` too, as `weir replay` does: judged by now, what it reads is not fresh.
   */
  readonly replay?: number;
  /** Only say what the run would do, as its details and its result: nothing is opened, nobody is paged. */
  readonly dryRun?: boolean;
}

/** A pipeline's input, read and checked: times in ISO 8601 UTC, durations in milliseconds. */
export interface PipelineRequest {
  readonly asOf: string;
  readonly models: readonly string[] | null;
  readonly holdForMs: number;
  /** The window by event time that was asked for; null reads by arrival. */
  readonly interval: { readonly start: string; readonly end: string } | null;
  readonly fullRefresh: readonly string[];
  readonly replay: number | null;
  readonly dryRun: boolean;
  /** The zone of the data interval; null is UTC. That there is such a zone, the plan checks. */
  readonly timeZone: string | null;
}

/** What the server knows when an input leaves something out. */
export interface RequestDefaults {
  readonly scheduledAt: Date | null;
  readonly startedAt: Date;
  readonly holdForMs: number;
}

const FIELDS = [
  'asOf',
  'timeZone',
  'models',
  'holdFor',
  'intervalStart',
  'intervalEnd',
  'fullRefresh',
  'replay',
  'dryRun',
] as const;

/**
 * Checks a run's input as a whole, so that a slip of the hand in the UI is answered with its mend and not with a
 * half-right run.
 *
 * @throws ApplicationFailure `InvalidInput` (final), naming the field, what was expected and an example.
 */
export function readRequest(input: unknown, defaults: RequestDefaults): PipelineRequest {
  const fields = asFields(input ?? {});
  const asOf = readTime(fields, 'asOf') ?? (defaults.scheduledAt ?? defaults.startedAt).toISOString();
  const start = readTime(fields, 'intervalStart');
  const end = readTime(fields, 'intervalEnd');
  if ((start === null) !== (end === null)) {
    throw invalid('intervalStart and intervalEnd go together', 'give both, or neither to read what arrived');
  }
  if (start !== null && end !== null && start >= end) {
    throw invalid(
      `intervalStart ${start} is not before intervalEnd ${end}`,
      'an interval is [start, end), UTC',
    );
  }
  const fullRefresh = readModels(fields, 'fullRefresh') ?? [];
  const replay = readLoadId(fields['replay']);
  const ways = [
    start !== null && 'intervalStart',
    fullRefresh.length > 0 && 'fullRefresh',
    replay !== null && 'replay',
  ];
  const asked = ways.filter((way) => way !== false);
  if (asked.length > 1) {
    throw invalid(
      `${asked.join(' and ')} each say what is read, and a run reads in one way`,
      'start a run for each',
    );
  }
  return {
    asOf,
    models: readModels(fields, 'models'),
    holdForMs: readDuration(fields['holdFor']) ?? defaults.holdForMs,
    interval: start !== null && end !== null ? { start, end } : null,
    fullRefresh,
    replay,
    dryRun: readFlag(fields['dryRun']),
    timeZone: readZone(fields['timeZone']),
  };
}

/** Only its form: what zones there are may differ from worker to worker, so the plan looks it up. */
function readZone(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' && /^[A-Za-z][\w+-]*(?:\/[\w+-]+)*$/.test(value)) return value;
  throw invalid(`timeZone is ${JSON.stringify(value)}`, 'name a zone, like "America/New_York"');
}

function readFlag(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw invalid(`dryRun is ${JSON.stringify(value)}`, 'give true or false');
}

function readLoadId(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  throw invalid(`replay is ${JSON.stringify(value)}`, 'give the number of a load of control.ledger, like 42');
}

function asFields(input: unknown): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw invalid(
      `the input is ${Array.isArray(input) ? 'a list' : typeof input}`,
      'give one JSON object, for example {}',
    );
  }
  const unknown = Object.keys(input).filter((name) => !(FIELDS as readonly string[]).includes(name));
  if (unknown.length > 0) {
    throw invalid(`unknown field ${unknown.join(', ')}`, `the fields are ${FIELDS.join(', ')}, all optional`);
  }
  return { ...input };
}

function readTime(fields: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  const zoned = typeof value === 'string' && /T.*(?:Z|[+-]\d\d:?\d\d)$/i.test(value);
  const time = zoned ? new Date(value) : new Date(Number.NaN);
  if (Number.isNaN(time.getTime())) {
    throw invalid(
      `${name} is ${JSON.stringify(value)}`,
      'give a time with its zone, like "2017-01-02T08:00:00Z"',
    );
  }
  return time.toISOString();
}

function readModels(
  fields: Readonly<Record<string, unknown>>,
  field: 'models' | 'fullRefresh',
): readonly string[] | null {
  const value = fields[field];
  if (value === undefined || value === null) return null;
  const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  if (!Array.isArray(value) || names.length !== value.length || names.length === 0) {
    throw invalid(
      `${field} is not a list of names`,
      'give names, like ["stg_transactions"], or leave it out',
    );
  }
  return names;
}

function readDuration(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  const ms = durationMs(value);
  if (ms === null) {
    throw invalid(`holdFor is ${JSON.stringify(value)}`, 'give a duration, like "12h", "30 minutes" or "2d"');
  }
  return ms;
}

function invalid(problem: string, mend: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `The run's input cannot be used: ${problem}; ${mend}.`,
    'InvalidInput',
  );
}
