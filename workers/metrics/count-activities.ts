import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Counted, Counters, RowKind } from './counters.ts';

/** Counts what activities did, from what they are asked and what they answer: no station knows of it. */
export function countActivities(counters: Counters): ActivityInterceptorsFactory {
  return ({ info: { activityType } }) => ({
    inbound: {
      execute: (input, next) => counted(counters, activityType, input.args[0], () => next(input)),
    },
  });
}

/** Does it, and counts how it ended. @param station the activity's type. @param asked its input. */
export async function counted(
  counters: Counters,
  station: string,
  asked: unknown,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const of = { station, model: modelOf(asked) };
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  try {
    const result = await work();
    counters.ended(of, seconds(), null);
    countResult(counters, of, result);
    return result;
  } catch (error) {
    // What fails until something has changed, so that Temporal asks again, has not failed.
    if (!isBenign(error)) counters.ended(of, seconds(), failureType(error));
    throw error;
  }
}

/** The model, or the source, that an activity is about; undefined for one that is about none. */
function modelOf(input: unknown): unknown {
  const { model, source, verdict } = fieldsOf(input);
  // A page says its model as part of what it tells.
  return typeof model === 'string'
    ? model
    : (fieldsOf(model)['name'] ?? source ?? fieldsOf(verdict)['model']);
}

/** Which numbers of an answer are rows, by station. */
const ROWS: Readonly<Record<string, Readonly<Record<string, RowKind>>>> = {
  extract: { rows: 'landed', rejected: 'rejected' },
  stage: { rowsRead: 'read', staged: 'staged', superseded: 'superseded', leftOut: 'left_out' },
  publish: { inserted: 'inserted', updated: 'updated', unchanged: 'unchanged', deleted: 'deleted' },
};

function countResult(counters: Counters, of: Counted & { readonly station: string }, result: unknown): void {
  const answer = fieldsOf(result);
  // Of an empty window open itself may make the end.
  if (of.station === 'open' && answer['ended'] === true) counters.load(of, 'empty');
  // The load had ended before its run was reset: nothing was done.
  if (answer['ended'] !== undefined) return;
  for (const [field, kind] of Object.entries(ROWS[of.station] ?? {})) {
    const rows = answer[field];
    if (typeof rows === 'number' && rows > 0) counters.rows(of, kind, rows);
  }
  const { state, rows, model, gate, suite, outcome } = answer;
  if (of.station === 'quarantine' && state === 'quarantined' && typeof rows === 'number')
    counters.rows(of, 'quarantined', rows);
  if (of.station === 'gate') counters.verdict({ model, gate, suite }, outcome);
  if (of.station === 'publish') counters.load(of, state);
}

/** Weir's own name for it where there is one: `PostgresError`, `StaleAttempt`. */
function failureType(error: unknown): string {
  const type: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'type') : undefined;
  if (typeof type === 'string' && type !== '') return type;
  return error instanceof Error ? error.name : 'unknown';
}

function isBenign(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.category === ApplicationFailureCategory.BENIGN;
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
