import { sql } from 'kysely';
import { columnProperty } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { isList, isObject } from '../json.ts';
import { grouped } from '../measured.ts';
import { isMember, setWords, valueSetProperty } from '../value-set.ts';
import type { ValueSetKwargs } from '../value-set.ts';

interface CommonKwargs extends ValueSetKwargs {
  readonly ties_okay?: boolean | null;
}

/** Values that are equally common are listed up to here, as all lists on SQL in Great Expectations. */
const MOST_LISTED = 200;

/** The most common value of a column is a member of a set. */
export default defineExpectation<CommonKwargs>({
  type: 'expect_column_most_common_value_to_be_in_set',
  docs: {
    promise:
      'The most common value of the column is a member of a set. Where several are equally common: none is the most common, or, with `ties_okay`, one of them is a member.',
    empty: 'An empty batch breaks it: there is no most common value.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_most_common_value_to_be_in_set',
  },
  properties: {
    column: columnProperty,
    value_set: valueSetProperty,
    ties_okay: {
      type: ['boolean', 'null'],
      description: 'Whether one of several equally common values is enough.',
    },
  },
  required: ['column', 'value_set'],
  mostly: false,
  columns: ({ column }) => [column],
  measure: (kwargs, scan) => {
    const column = scan.column(kwargs.column);
    const known = isMember(column, kwargs.value_set);
    const present = scan.where(sql`${column.sql} is not null`);
    const counted = sql`select to_jsonb(${column.sql}) as v, ${known} as known, rank() over (order by count(*) desc) as rank from ${scan.batch} where ${present} group by ${column.sql}`;
    const first = sql`select v, known, row_number() over (order by v) as place from (${counted}) as counted where rank = 1`;
    return {
      common: {
        beside: sql`(select jsonb_build_object(
        'count', count(*),
        'known', count(*) filter (where known),
        'list', coalesce(jsonb_agg(v order by place) filter (where place <= ${MOST_LISTED}::integer), '[]')
      ) from (${first}) as first)`,
      },
    };
  },
  judge: ({ ties_okay }, measured) => {
    const common = isObject(measured['common']) ? measured['common'] : {};
    const [count, known] = [Number(common['count'] ?? 0), Number(common['known'] ?? 0)];
    const list = isList(common['list']) ? common['list'] : [];
    return {
      success: known > 0 && (ties_okay === true || count === 1),
      result: { observed_value: list },
      observed:
        count === 1
          ? `the most common value is ${known === 1 ? '' : 'not '}a member`
          : `${grouped(count)} values are equally common, ${grouped(known)} of them members`,
      unexpectedCount: null,
      elementCount: null,
    };
  },
  describe: ({ column, value_set }) => `most common ${column} among ${setWords(value_set)}`,
  examples: [
    {
      title: 'the most common one is a member',
      columns: { currency: 'text' },
      rows: [['EUR'], ['EUR'], ['USD'], [null], [null], [null]],
      kwargs: { column: 'currency', value_set: ['EUR'] },
      success: true,
      result: { observed_value: ['EUR'] },
    },
    {
      title: 'of two equally common ones none is the most common',
      columns: { size: 'integer' },
      rows: [['1'], ['2']],
      kwargs: { column: 'size', value_set: [1, 2] },
      success: false,
      result: { observed_value: [1, 2] },
    },
    {
      title: 'unless ties are okay',
      columns: { size: 'integer' },
      rows: [['1'], ['2']],
      kwargs: { column: 'size', value_set: [1], ties_okay: true },
      success: true,
      result: { observed_value: [1, 2] },
    },
  ],
});
