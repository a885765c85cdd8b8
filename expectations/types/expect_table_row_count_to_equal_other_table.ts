import { sql } from 'kysely';
import { defineExpectation } from '../define-expectation.ts';
import { countOf, grouped } from '../measured.ts';
import { aboutTable } from '../table-fact.ts';

interface OtherTableKwargs {
  readonly other_table_name: string;
}

/** The batch has as many rows as another table. */
export default defineExpectation<OtherTableKwargs>({
  type: 'expect_table_row_count_to_equal_other_table',
  docs: {
    promise: 'The batch has as many rows as another table, counted beside the scan on the same snapshot.',
    empty: 'An empty batch has 0 rows, and is judged by that.',
    nulls: 'Rows count, whatever is in them.',
    source: 'https://greatexpectations.io/expectations/expect_table_row_count_to_equal_other_table',
  },
  properties: {
    other_table_name: {
      type: 'string',
      minLength: 1,
      description: 'The other table: schema.name, or a name in the schema of the batch.',
    },
  },
  required: ['other_table_name'],
  mostly: false,
  columns: () => [],
  measure: ({ other_table_name: name }, scan) => ({
    self: scan.count(),
    other: { beside: sql`(select count(*) from ${scan.relation(name)})` },
  }),
  judge: (_, measured) => {
    const [self, other] = [countOf(measured, 'self'), countOf(measured, 'other')];
    return {
      ...aboutTable(`${grouped(self)} rows, the other table has ${grouped(other)}`),
      success: self === other,
      result: { observed_value: { self, other } },
      bounded: { value: self, lower: other, upper: other },
    };
  },
  describe: ({ other_table_name: name }) => `as many rows as ${name}`,
  examples: [
    {
      title: 'a table has as many rows as itself',
      columns: { id: 'integer' },
      rows: [['1'], ['2']],
      kwargs: { other_table_name: 'example' },
      success: true,
      result: { observed_value: { self: 2, other: 2 } },
    },
    {
      title: 'a table of another schema has more',
      columns: { id: 'integer' },
      rows: [],
      kwargs: { other_table_name: 'pg_catalog.pg_am' },
      success: false,
      result: {},
    },
  ],
});
