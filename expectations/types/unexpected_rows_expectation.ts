import { sql } from 'kysely';
import { customQuery, queryOf, queryProblems } from '../custom-sql.ts';
import { defineExpectation } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import { grouped } from '../measured.ts';
import { aboutTable } from '../table-fact.ts';

interface QueryKwargs {
  readonly unexpected_rows_query: string;
}

/** How many rows are kept, as in Great Expectations. */
const MOST_ROWS = 200;

/** A query that looks for rows that should not be finds none. */
export default defineExpectation<QueryKwargs>({
  type: 'unexpected_rows_expectation',
  docs: {
    promise:
      'A query of the suite, one SELECT with {batch} where the batch stands, finds no row. It runs on the login that may only read.',
    empty: 'As the query has it.',
    nulls: 'As the query has it.',
    source:
      'https://docs.greatexpectations.io/docs/core/customize_expectations/use_sql_to_define_a_custom_expectation',
  },
  properties: {
    unexpected_rows_query: {
      type: 'string',
      description:
        'One SELECT of the rows that should not be. {batch} is the batch; {{ and }} are plain braces.',
    },
  },
  required: ['unexpected_rows_query'],
  mostly: false,
  conditional: false,
  check: (kwargs) => queryProblems('unexpected_rows_query', kwargs['unexpected_rows_query']),
  columns: () => [],
  measure: ({ unexpected_rows_query: text }, scan) => {
    const query = customQuery(queryOf(text), scan.batch);
    const numbered = sql`select unexpected_row as r, row_number() over () as place from ${query} as unexpected_row`;
    return {
      found: {
        beside: sql`(select jsonb_build_object(
          'count', count(*),
          'rows', coalesce(jsonb_agg(to_jsonb(r) order by place) filter (where place <= ${MOST_ROWS}::integer), '[]')
        ) from (${numbered}) as numbered)`,
      },
    };
  },
  listing: ({ unexpected_rows_query: text }, scan) =>
    sql`select * from ${customQuery(queryOf(text), scan.batch)} as unexpected_row`,
  judge: (_, measured) => {
    const found = isObject(measured['found']) ? measured['found'] : {};
    const count = Number(found['count'] ?? 0);
    return {
      ...aboutTable(`${grouped(count)} ${count === 1 ? 'row' : 'rows'} found`),
      success: count === 0,
      result: { observed_value: count },
      complete: { details: { unexpected_rows: isList(found['rows']) ? found['rows'] : [] } },
    };
  },
  describe: () => 'no row found by a query of the suite',
  examples: [
    {
      title: 'nothing in an empty batch',
      columns: { id: 'integer' },
      rows: [],
      kwargs: { unexpected_rows_query: 'select * from {batch}' },
      success: true,
      result: { observed_value: 0 },
    },
    {
      title: 'a refund without a sale; a comment and a semicolon at the end do no harm',
      columns: { id: 'integer', refund_of: 'integer' },
      rows: [
        ['1', null],
        ['2', '1'],
        ['3', '9'],
      ],
      kwargs: {
        unexpected_rows_query:
          'with sales as (select id from {batch}) select b.id from {batch} b where refund_of not in (select id from sales); -- done',
      },
      success: false,
      result: { observed_value: 1 },
    },
  ],
});
