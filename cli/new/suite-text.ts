import { jsonText } from '../../expectations/json-text.ts';
import type { JsonObject } from '../../expectations/json.ts';

/** What a new suite is about. */
export interface NewSuite {
  readonly name: string;
  readonly owner: string;
  /** What it is asked of: `silver.stg_transactions`. */
  readonly relation: string;
  /** Columns that have to be there; together they know a row. */
  readonly key: readonly string[];
}

/** A suite whose promises hold for every table with that key: the beginning of one. */
export function suiteText({ name, owner, relation, key }: NewSuite): string {
  const suite: JsonObject = {
    name,
    expectations: [
      ...key.map((column) => promise('expect_column_values_to_not_be_null', { column })),
      key.length === 1
        ? promise('expect_column_values_to_be_unique', { column: key[0] ?? '' })
        : promise('expect_compound_columns_to_be_unique', { column_list: [...key] }),
    ],
    meta: { weir: { owner, runbook: 'docs/runbooks/gate-held.md' } },
    notes: `What has to hold for ${relation}. Say here what its readers depend on.`,
  };
  return `${jsonText(suite)}\n`;
}

function promise(type: string, kwargs: JsonObject): JsonObject {
  return { type, kwargs, severity: 'critical', meta: {} };
}
