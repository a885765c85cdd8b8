import { sql } from 'kysely';
import { columnProperty, countsOf, judgeRows, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import type { Scan, Sql } from '../scan.ts';

interface OtherTableKwargs extends ColumnKwargs {
  readonly other_table: string;
  readonly other_column: string;
}

/** The values of the batch that the other table lacks: an anti-join, whichever way the planner finds best. */
function lacking({ column, other_table, other_column }: OtherTableKwargs, scan: Scan): Sql {
  const value = scan.column(column).sql;
  // Both sides may have columns of the same names, so that the value is taken out of the batch first.
  const asked = sql`select ${value} as value from ${scan.batch} where ${scan.where(sql`${value} is not null`)}`;
  const other = sql`select from ${scan.relation(other_table)} as other where ${sql.id('other', other_column)} = asked.value`;
  return sql`(${asked}) as asked where not exists (${other})`;
}

/** Every value of a column stands in a column of another table. */
export default defineExpectation<OtherTableKwargs>({
  type: 'expect_column_values_to_exist_in_other_table',
  docs: {
    promise:
      'Every value of the column stands in a column of another table, which the login of the gates has to be allowed to read. The two are joined, however many values there are.',
    empty: 'An empty batch passes; an empty other table has no value at all.',
    nulls: 'NULLs are left out.',
    source: 'https://www.postgresql.org/docs/18/ddl-constraints.html#DDL-CONSTRAINTS-FK',
  },
  properties: {
    column: columnProperty,
    other_table: {
      type: 'string',
      minLength: 1,
      description: 'The other table: schema.name, or a name in the schema of the batch.',
    },
    other_column: { type: 'string', minLength: 1, description: 'Its column that has the values.' },
  },
  required: ['column', 'other_table', 'other_column'],
  mostly: true,
  columns: ({ column }) => [column],
  measure: (kwargs, scan) => ({
    elements: scan.count(),
    present: scan.present(scan.column(kwargs.column)),
    unexpected: { beside: sql`(select count(*) from ${lacking(kwargs, scan)})` },
  }),
  failing: (kwargs, scan) => {
    const value = scan.column(kwargs.column).sql;
    return {
      predicate: sql`${value} is not null and ${value} in (select asked.value from ${lacking(kwargs, scan)})`,
      columns: [kwargs.column],
    };
  },
  provable: ({ column, other_table, other_column }) => ({
    claim: { kind: 'found', column, relation: other_table, other: other_column },
    measures: { unexpected: sql`0` },
  }),
  judge: ({ other_table, mostly = 1 }, measured) =>
    judgeRows(countsOf(measured), mostly, `with a value that ${other_table} does not have`),
  describe: ({ column, other_table, other_column, mostly }) =>
    `${column} in ${other_table}.${other_column}${mostlyWords(mostly)}`,
  examples: [
    {
      title: 'a replacement has to be a product; NULL replaces nothing',
      columns: { product_id: 'text', replaced_by: 'text' },
      rows: [
        ['P1', 'P2'],
        ['P2', null],
        ['P3', 'P9'],
        ['P4', 'P9'],
      ],
      kwargs: { column: 'replaced_by', other_table: 'example', other_column: 'product_id' },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 2,
        partial_unexpected_list: ['P9', 'P9'],
      },
    },
    {
      title: 'a table of another schema; two in three are enough',
      columns: { method: 'name' },
      rows: [['heap'], ['btree'], ['other']],
      kwargs: { column: 'method', other_table: 'pg_catalog.pg_am', other_column: 'amname', mostly: 0.66 },
      success: true,
      result: { unexpected_count: 1, unexpected_percent: (1 / 3) * 100 },
    },
  ],
});
