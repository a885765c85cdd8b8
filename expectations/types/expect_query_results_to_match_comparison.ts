import { sql } from 'kysely';
import { percent } from '../column-map.ts';
import { customQuery, queryOf, queryProblems } from '../custom-sql.ts';
import { defineExpectation } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import { grouped } from '../measured.ts';
import type { Sql } from '../scan.ts';
import { aboutTable } from '../table-fact.ts';

interface ComparisonKwargs {
  readonly base_query: string;
  readonly comparison_query: string;
  readonly mostly?: number;
}

/** How many rows of each list are kept, as in Great Expectations. */
const MOST_ROWS = 200;

/** Rows of one query that the other has not, each as often as it is missing there. */
function difference(one: Sql, other: Sql): Sql {
  const rows = sql`(select * from ${one} as one_query) except all (select * from ${other} as other_query)`;
  const numbered = sql`select different_row as r, row_number() over () as place from (${rows}) as different_row`;
  return sql`(select jsonb_build_object(
    'count', count(*),
    'rows', coalesce(jsonb_agg(to_jsonb(r) order by place) filter (where place <= ${MOST_ROWS}::integer), '[]')
  ) from (${numbered}) as numbered)`;
}

/** Two queries find the same rows. */
export default defineExpectation<ComparisonKwargs>({
  type: 'expect_query_results_to_match_comparison',
  docs: {
    promise:
      'Two queries of the suite find the same rows, in any order: one over {batch}, one over what it is compared with in the same database. They run on the login that may only read.',
    empty: 'Where neither finds a row it passes.',
    nulls: 'NULL equals NULL.',
    source: 'https://greatexpectations.io/expectations/expect_query_results_to_match_comparison',
  },
  properties: {
    base_query: { type: 'string', description: 'One SELECT, with {batch} where the batch stands.' },
    comparison_query: { type: 'string', description: 'One SELECT of as many columns, of the same types.' },
    comparison_data_source_name: {
      type: ['string', 'null'],
      description: 'Left by Great Expectations; both run in the database of the batch.',
    },
  },
  required: ['base_query', 'comparison_query'],
  mostly: true,
  conditional: false,
  check: (kwargs) => [
    ...queryProblems('base_query', kwargs['base_query']),
    ...queryProblems('comparison_query', kwargs['comparison_query']),
  ],
  columns: () => [],
  measure: ({ base_query, comparison_query }, scan) => {
    const base = customQuery(queryOf(base_query), scan.batch);
    const comparison = customQuery(queryOf(comparison_query), scan.batch);
    return {
      rows: { beside: sql`(select count(*) from ${base} as base_query)` },
      unexpected: { beside: difference(base, comparison) },
      missing: { beside: difference(comparison, base) },
    };
  },
  judge: ({ mostly = 1 }, measured) => {
    const unexpected = isObject(measured['unexpected']) ? measured['unexpected'] : {};
    const missing = isObject(measured['missing']) ? measured['missing'] : {};
    const [more, fewer] = [Number(unexpected['count'] ?? 0), Number(missing['count'] ?? 0)];
    const different = more + fewer;
    const all = Number(measured['rows'] ?? 0) + fewer;
    return {
      ...aboutTable(`${grouped(more)} rows too many, ${grouped(fewer)} missing`),
      success: all === 0 || (all - different) / all >= mostly,
      result: { unexpected_count: different, unexpected_percent: percent(different, all) ?? 0 },
      complete: {
        details: {
          missing_rows: isList(missing['rows']) ? missing['rows'] : [],
          unexpected_rows: isList(unexpected['rows']) ? unexpected['rows'] : [],
        },
      },
    };
  },
  describe: () => 'two queries of the suite find the same rows',
  examples: [
    {
      title: 'the same rows in another order',
      columns: { id: 'integer' },
      rows: [['1'], ['2'], [null]],
      kwargs: {
        base_query: 'select * from {batch} order by 1',
        comparison_query: 'select * from {batch} order by 1 desc',
        comparison_data_source_name: 'shop',
      },
      success: true,
      result: { unexpected_count: 0, unexpected_percent: 0 },
    },
    {
      title: 'one row too many',
      columns: { id: 'integer' },
      rows: [['1'], ['2']],
      kwargs: {
        base_query: 'select id from {batch}',
        comparison_query: 'select 1',
        comparison_data_source_name: 'shop',
      },
      success: false,
      result: { unexpected_count: 1, unexpected_percent: 50 },
    },
  ],
});
