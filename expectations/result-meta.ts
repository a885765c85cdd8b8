import type { Json, JsonObject } from './json.ts';

/** What a result says of the run that made it. */
export interface ResultRun {
  /** Who asked: a workflow's id, or the command. */
  readonly name: string;
  /** ISO 8601, UTC: the time that the batch was judged by. */
  readonly asOf: string;
  readonly relation: readonly [schema: string, name: string];
}

/**
 * `meta` of a result as Great Expectations keeps it: its stores name a result by `run_id`, its pages by what was asked.
 * Beside it, what is Weir's own under `weir`.
 *
 * @param weir rows, window, load and the like. It stays with the result, so it may hold values.
 * @see https://docs.greatexpectations.io/docs/reference/api/core/ExpectationSuiteValidationResult_class
 */
export function resultMeta({ name, asOf, relation }: ResultRun, weir: JsonObject): JsonObject {
  const [schema, table] = relation;
  const asset = `${schema}.${table}`;
  return {
    run_id: { run_name: name, run_time: asOf },
    validation_time: asOf,
    active_batch_definition: {
      datasource_name: 'weir',
      data_connector_name: 'weir',
      data_asset_name: asset,
      batch_identifiers: {},
    },
    batch_spec: { data_asset_name: asset, schema_name: schema, table_name: table },
    weir: { relation: asset, ...weir },
  };
}

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** An id where Great Expectations takes it: only a UUID. Another is kept under `meta.weir`. */
export function uuidOrNull(id: Json): string | null {
  return typeof id === 'string' && UUID.test(id) ? id : null;
}
