import { isObject } from './json.ts';
import type { Json } from './json.ts';
import { compileSchema } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';

const LEVELS = ['BOOLEAN_ONLY', 'BASIC', 'SUMMARY', 'COMPLETE'] as const;

/** How much of what was found a result tells, from a yes or no to every failing row. */
export type ResultLevel = (typeof LEVELS)[number];

/** Great Expectations' `result_format`. */
export interface ResultFormat {
  readonly level: ResultLevel;
  /** `unexpected_index_column_names`: columns that say which row it is. */
  readonly key: readonly string[];
  /** `partial_unexpected_count`: how many failing rows the partial lists have at most. */
  readonly partial: number;
  /** `include_unexpected_rows`: failing rows with all their columns. */
  readonly wholeRows: boolean;
  /** `exclude_unexpected_values`: no values of failing rows, only their keys. */
  readonly keysOnly: boolean;
  /** `return_unexpected_index_query`: the SQL that lists the failing rows; null where the level decides. */
  readonly query: boolean | null;
}

/** How many failing rows are kept as evidence, as in Great Expectations. */
const SAMPLE_ROWS = 20;
/** How many failing rows the full lists have at most, as in Great Expectations on SQL. */
const LISTED_ROWS = 200;

interface WrittenFormat {
  readonly result_format: ResultLevel;
  readonly unexpected_index_column_names?: readonly string[] | null;
  readonly partial_unexpected_count?: number | null;
  readonly include_unexpected_rows?: boolean | null;
  readonly exclude_unexpected_values?: boolean | null;
  readonly return_unexpected_index_query?: boolean | null;
}

const flag: JsonSchema = { type: ['boolean', 'null'] };
const objectSchema: JsonSchema = {
  type: 'object',
  required: ['result_format'],
  additionalProperties: false,
  properties: {
    result_format: { type: 'string', enum: LEVELS },
    unexpected_index_column_names: { type: ['array', 'null'], items: { type: 'string', minLength: 1 } },
    partial_unexpected_count: { type: ['integer', 'null'], minimum: 0 },
    include_unexpected_rows: flag,
    exclude_unexpected_values: flag,
    return_unexpected_index_query: flag,
  },
};

/** JSON Schema of a `result_format`. */
export const resultFormatSchema: JsonSchema = {
  description:
    'How much the result tells; SUMMARY where nothing is said. One given at run time overrides it.',
  anyOf: [{ type: 'string', enum: LEVELS }, { type: 'null' }, objectSchema],
};

const isWritten = compileSchema<WrittenFormat>(objectSchema);

/** What is told where nobody says how much. */
export const summary: ResultFormat = {
  level: 'SUMMARY',
  key: [],
  partial: SAMPLE_ROWS,
  wholeRows: false,
  keysOnly: false,
  query: null,
};

/** Reads a `result_format`: a level, or an object. Null when it is neither; {@link resultFormatSchema} says why. */
export function readResultFormat(json: Json): ResultFormat | null {
  if (!isObject(json)) {
    const level = LEVELS.find((known) => known === json);
    return level === undefined ? null : { ...summary, level };
  }
  if (!isWritten(json)) return null;
  return {
    level: json.result_format,
    key: json.unexpected_index_column_names ?? [],
    partial: json.partial_unexpected_count ?? SAMPLE_ROWS,
    wholeRows: json.include_unexpected_rows ?? false,
    keysOnly: json.exclude_unexpected_values ?? false,
    query: json.return_unexpected_index_query ?? null,
  };
}

/** How many failing rows have to be fetched. */
export function rowsToFetch({ level, partial, keysOnly }: ResultFormat): number {
  if (level === 'BOOLEAN_ONLY') return 0;
  return level === 'COMPLETE' && !keysOnly ? LISTED_ROWS : partial;
}

/** Whether the SQL that lists the failing rows is told. */
export function tellsQuery({ level, query }: ResultFormat): boolean {
  return query ?? level === 'COMPLETE';
}
