import { ApplicationFailure } from '@temporalio/workflow';
import { BACKFILL_GRAIN_MS } from '../../models/grain.ts';
import { nearMiss } from '../../expectations/suggestion.ts';
import type { Schedule } from '../../models/model.ts';
import { durationMs } from '../duration.ts';
import { GRAIN_WORD } from './expected-time.ts';

/**
 * What a person may ask of a backfill. Every field is optional: `{}` or nothing fills what schedules missed of the
 * hourly pipeline in the last seven days.
 */
export interface BackfillInput {
  /** `hourly` (the default), `minute` (filled by hours) or `daily`. */
  readonly pipeline?: string;
  /** The first interval begins here: ISO 8601 UTC at a whole hour or day, like `2017-01-02T08:00:00Z` or `2017-01-02`. */
  readonly from?: string;
  /** The last one ends here; this time itself is not part of it. Default: the end of the last interval that is over. */
  readonly to?: string;
  /** Only these models; default: all of the pipeline's that can be read by event time. */
  readonly models?: readonly string[];
  /** How many intervals go on side by side. Default 4; the update `setWidth` changes it on the way. */
  readonly width?: number;
  /** Load intervals again that the ledger has as done with the same SQL. */
  readonly again?: boolean;
  /** Begin no more intervals after so many have failed. Default 1. */
  readonly stopAfter?: number;
  /** Begin with the last interval. */
  readonly newestFirst?: boolean;
  /** Say what would be loaded, and load nothing. */
  readonly dryRun?: boolean;
  /** How long a held gate of an interval waits for a person. Default an hour: it keeps its place in the backfill meanwhile. */
  readonly holdFor?: string;
}

/** A backfill's input, read and checked. Times are ISO 8601 UTC with milliseconds. */
export interface BackfillRequest {
  readonly pipeline: Schedule;
  /** Null: what schedules missed. */
  readonly range: { readonly from: string; readonly to: string } | null;
  readonly models: readonly string[] | null;
  readonly width: number;
  readonly again: boolean;
  readonly stopAfter: number;
  readonly newestFirst: boolean;
  readonly dryRun: boolean;
  readonly holdFor: string;
}

/** Half a day, as runs of the schedule have it, would keep those from the model for a night over rows of the past. */
const DEFAULT_HOLD_FOR = '1h';

/** Side by side, unless told: loads of one model follow each other anyway. */
const DEFAULT_WIDTH = 4;

/** Below Temporal's 2,000 children that may be pending, and what a history takes of their starts in one go. */
const MOST_WIDTH = 100;

/** Half a century of hours. A year with a digit too few would keep Postgres busy with counting hours for minutes. */
const MOST_INTERVALS = 500_000;

const FIELDS = [
  'pipeline',
  'from',
  'to',
  'models',
  'width',
  'again',
  'stopAfter',
  'newestFirst',
  'dryRun',
  'holdFor',
] as const satisfies readonly (keyof BackfillInput)[];

type Fields = Readonly<Partial<Record<keyof BackfillInput, unknown>>>;

/**
 * Checks a backfill's input as a whole.
 *
 * @param now when the backfill begins, epoch milliseconds: an interval that is not over cannot be loaded yet.
 * @throws ApplicationFailure `InvalidInput` (final), naming the field, what was expected and the mend.
 */
export function readBackfillInput(input: unknown, now: number): BackfillRequest {
  const fields = asFields(input ?? {});
  const pipeline = readPipeline(fields.pipeline ?? 'hourly');
  return {
    pipeline,
    range: readRange(fields, pipeline, now),
    models: readModels(fields.models ?? null),
    width: readWidth(fields.width ?? DEFAULT_WIDTH),
    again: readFlag(fields, 'again'),
    stopAfter: readCount(fields.stopAfter ?? 1, 'stopAfter', Number.MAX_SAFE_INTEGER),
    newestFirst: readFlag(fields, 'newestFirst'),
    dryRun: readFlag(fields, 'dryRun'),
    holdFor: readHoldFor(fields.holdFor ?? DEFAULT_HOLD_FOR),
  };
}

/** How many side by side. @throws ApplicationFailure `InvalidInput`. */
export function readWidth(value: unknown): number {
  return readCount(value, 'width', MOST_WIDTH);
}

function asFields(input: unknown): Fields {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalid(
      `the input is ${Array.isArray(input) ? 'a list' : typeof input}`,
      'give one JSON object, for example {"from": "2017-01-01", "to": "2017-02-01"}',
    );
  const [unknown] = Object.keys(input).filter((name) => !FIELDS.some((field) => field === name));
  if (unknown === undefined) return input;
  throw invalid(
    `there is no field ${unknown}`,
    `${nearMiss(unknown, FIELDS)} the fields are ${FIELDS.join(', ')}, all optional`.trim(),
  );
}

function readPipeline(value: unknown): Schedule {
  if (value === 'minute' || value === 'hourly' || value === 'daily') return value;
  throw invalid(`pipeline is ${JSON.stringify(value)}`, 'give "hourly", "minute" or "daily"');
}

function readRange(fields: Fields, pipeline: Schedule, now: number): BackfillRequest['range'] {
  const grain = BACKFILL_GRAIN_MS[pipeline];
  const over = Math.floor(now / grain) * grain;
  const from = readTime(fields.from, 'from', pipeline);
  const to = readTime(fields.to, 'to', pipeline);
  if (from === null && to === null) {
    if (pipeline !== 'minute') return null;
    throw invalid('from is missing', 'give one: what a run of a minute missed has come with the next');
  }
  if (from === null) throw invalid('to is given without from', 'give both, or from alone');
  const end = to ?? over;
  if (end > over)
    throw invalid(
      `to ${iso(end)} is not over`,
      `give ${iso(over)} or earlier: an interval is loaded when it has ended`,
    );
  if (from >= end)
    throw invalid(
      `from ${iso(from)} is not before to ${iso(end)}`,
      'a range is [from, to), UTC: to is not part of it',
    );
  if ((end - from) / grain > MOST_INTERVALS)
    throw invalid(
      `from ${iso(from)} is more than ${MOST_INTERVALS} intervals before to ${iso(end)}`,
      'look at the year; what is really as long goes in parts',
    );
  return { from: iso(from), to: iso(end) };
}

function readTime(value: unknown, name: 'from' | 'to', pipeline: Schedule): number | null {
  if (value === undefined || value === null) return null;
  const pattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))?$/i;
  const time = typeof value === 'string' && pattern.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time))
    throw invalid(
      `${name} is ${JSON.stringify(value)}`,
      'give a time with its zone, like "2017-01-02T08:00:00Z", or a day, like "2017-01-02"',
    );
  const grain = BACKFILL_GRAIN_MS[pipeline];
  const before = Math.floor(time / grain) * grain;
  if (before === time) return time;
  const whole = GRAIN_WORD[pipeline];
  throw invalid(
    `${name} ${iso(time)} is within ${whole === 'hour' ? 'an' : 'a'} ${whole}, and the ${pipeline} pipeline is filled by whole ${whole}s, UTC`,
    `give ${iso(before)} or ${iso(before + grain)}`,
  );
}

function readModels(value: unknown): readonly string[] | null {
  if (value === null) return null;
  const names = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  if (names.length > 0 && Array.isArray(value) && names.length === value.length) return [...new Set(names)];
  throw invalid('models is not a list of names', 'give names, like ["stg_transactions"], or leave it out');
}

function readCount(value: unknown, name: 'width' | 'stopAfter', most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw invalid(
    `${name} is ${JSON.stringify(value)}`,
    name === 'width' ? `give a whole number from 1 to ${most}` : 'give a whole number from 1 on',
  );
}

function readFlag(fields: Fields, name: 'again' | 'newestFirst' | 'dryRun'): boolean {
  const value = fields[name] ?? false;
  if (typeof value === 'boolean') return value;
  throw invalid(`${name} is ${JSON.stringify(value)}`, 'give true or false');
}

function readHoldFor(value: unknown): string {
  if (typeof value === 'string' && durationMs(value) !== null) return value;
  throw invalid(`holdFor is ${JSON.stringify(value)}`, 'give a duration, like "12h", "30 minutes" or "2d"');
}

function iso(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function invalid(problem: string, mend: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `The backfill's input cannot be used: ${problem}; ${mend}.`,
    'InvalidInput',
  );
}
