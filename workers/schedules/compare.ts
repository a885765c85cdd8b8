import type { ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { calendarText, calendarTexts } from './calendar-text.ts';

/**
 * What the server has otherwise than the code says, a line each. Whether it is paused, and why, is no drift: that is an
 * operator's decision.
 */
export function compareSchedule(found: ScheduleDescription, wanted: ScheduleOptions): readonly string[] {
  const times = compareTimes(
    found.spec.calendars?.map(calendarText) ?? [],
    calendarTexts(wanted.spec.calendars),
  );
  const had = foundFacts(found);
  const wants = new Map(Object.entries(wantedFacts(wanted)));
  return [
    ...times,
    ...Object.entries(had)
      .map(([what, value]) => [what, value, wants.get(what) ?? 'none'] as const)
      .filter(([, value, want]) => value !== want)
      .map(([what, value, want]) => `${what}: server has ${value}, code says ${want}`),
  ];
}

const SHOWN = 3;

function compareTimes(had: readonly string[], want: readonly string[]): readonly string[] {
  const only = (these: readonly string[], those: readonly string[]): readonly string[] =>
    these.filter((one) => !those.includes(one));
  const [more, less] = [only(had, want), only(want, had)];
  if (more.length === 0 && less.length === 0) return [];
  return [`times: server has ${listed(more)}, code says ${listed(less)}`];
}

function listed(texts: readonly string[]): string {
  if (texts.length === 0) return 'none of its own';
  const rest = texts.length > SHOWN ? `; and ${texts.length - SHOWN} more` : '';
  return `${texts.slice(0, SHOWN).join('; ')}${rest}`;
}

/** All that a schedule can be told besides its calendars, as the server has it. */
function foundFacts({ spec, action, policies, state }: ScheduleDescription): Record<string, string> {
  const intervals = spec.intervals?.map(({ every, offset }) => `every ${every} ms + ${offset ?? 0} ms`);
  return {
    intervals: many(intervals),
    'times left out': many(spec.skip?.map(calendarText)),
    'first time': spec.startAt?.toISOString() ?? 'none',
    'last time': spec.endAt?.toISOString() ?? 'none',
    jitter: spec.jitter ? `${spec.jitter / 1000} s` : 'none',
    'time zone': spec.timezone === undefined || spec.timezone === '' ? 'UTC' : spec.timezone,
    'workflow type': action.workflowType,
    'workflow id': action.workflowId ?? 'none',
    'task queue': action.taskQueue,
    input: JSON.stringify(action.args ?? []),
    memo: JSON.stringify(action.memo ?? {}),
    'search attributes': JSON.stringify(action.typedSearchAttributes ?? []),
    'time-out of the execution': milliseconds(action.workflowExecutionTimeout),
    'time-out of a run': milliseconds(action.workflowRunTimeout),
    'time-out of a task': milliseconds(action.workflowTaskTimeout),
    retries: action.retry === undefined ? 'none' : JSON.stringify(action.retry),
    overlap: String(policies.overlap),
    'catch-up': `${policies.catchupWindow / 1000} s`,
    'pause on failure': String(policies.pauseOnFailure),
    'actions left': state.remainingActions === undefined ? 'no limit' : String(state.remainingActions),
  };
}

/** The same of what the code says; what it leaves out is none. */
function wantedFacts({ spec, action, policies }: ScheduleOptions): Record<string, string> {
  return {
    jitter: typeof spec.jitter === 'number' && spec.jitter > 0 ? `${spec.jitter / 1000} s` : 'none',
    'time zone': spec.timezone ?? 'UTC',
    'workflow type': String(action.workflowType),
    'workflow id': action.workflowId ?? 'none',
    'task queue': action.taskQueue,
    input: JSON.stringify(action.args ?? []),
    memo: JSON.stringify(action.memo ?? {}),
    'search attributes': '[]',
    overlap: policies?.overlap ?? 'none',
    'catch-up': `${Number(policies?.catchupWindow ?? 0) / 1000} s`,
    'pause on failure': String(policies?.pauseOnFailure ?? false),
    'actions left': 'no limit',
  };
}

function many(texts: readonly string[] | undefined): string {
  return texts === undefined || texts.length === 0 ? 'none' : texts.join('; ');
}

function milliseconds(value: unknown): string {
  return typeof value === 'number' && value > 0 ? `${value} ms` : 'none';
}
