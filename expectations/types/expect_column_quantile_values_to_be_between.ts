import { sql } from 'kysely';
import { outside } from '../bounds.ts';
import type { Bound } from '../bounds.ts';
import { columnProperty } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import type { JsonSchema } from '../json-schema.ts';
import { aboutTable } from '../table-fact.ts';

interface QuantileKwargs {
  readonly column: string;
  readonly quantile_ranges: {
    readonly quantiles: readonly number[];
    readonly value_ranges: readonly (readonly [Bound | null, Bound | null])[];
  };
}

const end: JsonSchema = { type: ['number', 'string', 'null'], format: 'instant' };

/** Refuses more, or fewer, ranges than quantiles. */
function checkLengths({ quantile_ranges: ranges }: JsonObject): readonly string[] {
  if (!isObject(ranges) || !isList(ranges['quantiles']) || !isList(ranges['value_ranges'])) return [];
  return ranges['quantiles'].length === ranges['value_ranges'].length
    ? []
    : ['`quantiles` and `value_ranges` are of different lengths'];
}

/** Not a number is no value, as in Great Expectations. */
function numberOrNull(value: Json): Json {
  return value === 'NaN' ? null : value;
}

/** Quantiles of a column lie in ranges. */
export default defineExpectation<QuantileKwargs>({
  type: 'expect_column_quantile_values_to_be_between',
  docs: {
    promise: 'Each quantile of the column, a value that occurs in it, lies in its range.',
    empty: 'An empty batch breaks it: there are no quantiles.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_quantile_values_to_be_between',
  },
  properties: {
    column: columnProperty,
    quantile_ranges: {
      type: 'object',
      required: ['quantiles', 'value_ranges'],
      additionalProperties: false,
      properties: {
        quantiles: { type: 'array', items: { type: 'number', minimum: 0, maximum: 1 } },
        value_ranges: { type: 'array', items: { type: 'array', items: end, minItems: 2, maxItems: 2 } },
      },
      description: 'Quantiles, 0 to 1, and for each the lowest and highest value; null: unbounded.',
    },
    allow_relative_error: {
      type: ['boolean', 'string', 'number'],
      description: 'Read by Great Expectations on other databases; quantiles are exact here.',
    },
  },
  required: ['column', 'quantile_ranges'],
  mostly: false,
  check: checkLengths,
  columns: ({ column }) => [column],
  measure: ({ column: name, quantile_ranges: { quantiles, value_ranges } }, scan) => {
    const column = scan.column(name);
    // One sort for all of them: Postgres shares it between aggregates over the same order.
    const values = scan.aggregate(
      sql`percentile_disc(${quantiles}::double precision[]) within group (order by ${column.sql})`,
    );
    const reached = value_ranges.map(([min_value, max_value], place) => {
      const value = sql`(${values})[${place + 1}::integer]`;
      const breaks = outside(value, column, { min_value, max_value });
      return sql`${value} is not null and not (${sql.join([...breaks, sql`false`], sql` or `)})`;
    });
    return {
      values: { ordered: sql`to_jsonb(${values})` },
      inside: { ordered: sql`to_jsonb(array[${sql.join(reached)}]::boolean[])` },
    };
  },
  judge: ({ quantile_ranges: { quantiles } }, measured) => {
    const found = isList(measured['values']) ? measured['values'] : [];
    const inside = isList(measured['inside']) ? measured['inside'] : [];
    const successes = quantiles.map((_, place) => inside[place] === true);
    const held = successes.filter(Boolean).length;
    return {
      ...aboutTable(`${held} of ${quantiles.length} quantiles in their range`),
      success: held === quantiles.length,
      result: {
        observed_value: {
          quantiles,
          values: quantiles.map((_, place) => numberOrNull(found[place] ?? null)),
        },
        details: { success_details: successes },
      },
    };
  },
  describe: ({ column, quantile_ranges: { quantiles } }) =>
    `quantiles ${quantiles.join(', ')} of ${column} in their ranges`,
  examples: [
    {
      title: 'a median out of its range',
      columns: { amount: 'integer' },
      rows: [['1'], ['3'], ['5'], ['6'], [null]],
      kwargs: {
        column: 'amount',
        quantile_ranges: {
          quantiles: [0, 0.5],
          value_ranges: [
            [null, 1],
            [4, null],
          ],
        },
      },
      success: false,
      result: {
        observed_value: { quantiles: [0, 0.5], values: [1, 3] },
        details: { success_details: [true, false] },
      },
    },
    {
      title: 'of days',
      columns: { day: 'date' },
      rows: [['2017-01-01'], ['2017-01-02']],
      kwargs: {
        column: 'day',
        quantile_ranges: { quantiles: [1], value_ranges: [['2017-01-02', null]] },
      },
      success: true,
      result: { observed_value: { quantiles: [1], values: ['2017-01-02'] } },
    },
  ],
});
