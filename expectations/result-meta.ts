import { isAskable } from './compile.ts';
import type { AskableEntry, Entry } from './compile.ts';
import type { Judgement } from './define-expectation.ts';
import type { Json, JsonObject } from './json.ts';

/** What a result says of the run that made it. */
export interface ResultRun {
  /** Who asked: a workflow's id, or the command. */
  readonly name: string;
  /** ISO 8601, UTC: the time that the batch was judged by. */
  readonly asOf: string;
  /** What was asked: `silver.stg_transactions`. */
  readonly asset: string;
}

/**
 * `meta` of a result as Great Expectations keeps it: its stores name a result by `run_id`, its pages by what was asked.
 * Beside it, under `weir`, what is Weir's own.
 *
 * @param weir rows, window, load and the like. It stays with the result, so it may hold values.
 * @see https://docs.greatexpectations.io/docs/reference/api/core/ExpectationSuiteValidationResult_class
 */
export function resultMeta({ name, asOf, asset }: ResultRun, weir: JsonObject): JsonObject {
  return {
    run_id: { run_name: name, run_time: asOf },
    validation_time: asOf,
    active_batch_definition: {
      datasource_name: 'weir',
      data_connector_name: 'weir',
      data_asset_name: asset,
      batch_identifiers: {},
    },
    batch_spec: { data_asset_name: asset },
    weir,
  };
}

/**
 * `meta` of one expectation's result: what was promised and found, in words, and where the numbers came from.
 *
 * - `scan`: an aggregate that shares the one pass over the batch. `beside`: a query of its own, on the same snapshot.
 * - `proof`: a constraint or a statement made measuring needless, and which.
 *
 * @param promise in plain words.
 */
export function expectationMeta(entry: Entry, judgement: Judgement | null, promise: string): JsonObject {
  if (judgement === null || !isAskable(entry)) return { weir: { promise } };
  return { weir: { promise, observed: judgement.observed, ...originOf(entry) } };
}

function originOf({ proof, measures }: AskableEntry): JsonObject {
  if (proof !== null) return { from: 'proof', proof: { by: proof.by, text: proof.text } };
  return { from: Object.values(measures).some((measure) => 'beside' in measure) ? 'beside' : 'scan' };
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** An id where Great Expectations takes it: only a UUID. */
export function uuidOrNull(id: Json): string | null {
  return typeof id === 'string' && UUID.test(id) ? id : null;
}
