import { sql } from 'kysely';
import { defineColumnPair } from '../column-pair.ts';
import type { PairKwargs } from '../column-pair.ts';
import type { Column, Sql } from '../scan.ts';
import { comparable, countWords } from '../value-set.ts';
import type { Member } from '../value-set.ts';

type Pair = readonly [Member, Member];

interface PairSetKwargs extends PairKwargs {
  readonly value_pairs_set: readonly Pair[];
}

/** True for a row whose two values are a pair of the set. A NULL of a pair is a missing value. */
function isPair(a: Column, b: Column, pairs: readonly Pair[]): Sql {
  const full = pairs.filter(([first, second]) => first !== null && second !== null);
  const left = comparable(
    a,
    full.map(([first]) => first),
  );
  const right = comparable(
    b,
    full.map(([, second]) => second),
  );
  const onlyLeft = comparable(
    a,
    pairs.flatMap(([first, second]) => (second === null ? [first] : [])),
  );
  const onlyRight = comparable(
    b,
    pairs.flatMap(([first, second]) => (first === null ? [second] : [])),
  );
  const neither = pairs.some(([first, second]) => first === null && second === null);
  return sql`case
    when ${a.sql} is not null and ${b.sql} is not null
      then (${left.value}, ${right.value}) in (select * from unnest(${left.array}, ${right.array}))
    when ${a.sql} is not null then ${onlyLeft.value} = any(${onlyLeft.array})
    when ${b.sql} is not null then ${onlyRight.value} = any(${onlyRight.array})
    else ${neither}::boolean end`;
}

/** In every row the values of two columns are a pair of a set. */
export default defineColumnPair<PairSetKwargs>({
  type: 'expect_column_pair_values_to_be_in_set',
  docs: {
    promise: 'In every row the values of the two columns, together, are one of a set of pairs.',
    empty: 'An empty batch passes.',
    nulls: 'A missing value has to be one in the pair too; by default rows without both values are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_pair_values_to_be_in_set',
  },
  properties: {
    value_pairs_set: {
      type: 'array',
      items: {
        type: 'array',
        items: { type: ['string', 'number', 'boolean', 'null'] },
        minItems: 2,
        maxItems: 2,
      },
      description: 'The pairs allowed: a value of column A, then one of column B.',
    },
  },
  required: ['value_pairs_set'],
  breaks: ({ value_pairs_set }, a, b) => sql`not (${isPair(a, b, value_pairs_set)})`,
  describe: ({ column_A, column_B, value_pairs_set }) =>
    `${column_A} and ${column_B} together one of ${countWords(value_pairs_set.length)}`,
  broken: 'with another pair',
  examples: [
    {
      title: 'a currency of another country',
      columns: { country: 'text', currency: 'text' },
      rows: [
        ['DE', 'EUR'],
        ['DE', 'USD'],
        ['US', null],
        [null, null],
      ],
      kwargs: {
        column_A: 'country',
        column_B: 'currency',
        value_pairs_set: [
          ['DE', 'EUR'],
          ['US', 'USD'],
        ],
      },
      success: false,
      result: {
        element_count: 4,
        missing_count: 1,
        unexpected_count: 2,
        partial_unexpected_list: [
          ['DE', 'USD'],
          ['US', null],
        ],
      },
    },
    {
      title: 'a pair may name a missing value',
      columns: { a: 'integer', b: 'integer' },
      rows: [
        ['1', null],
        [null, '2'],
        [null, null],
      ],
      kwargs: {
        column_A: 'a',
        column_B: 'b',
        value_pairs_set: [
          [1, null],
          [null, null],
        ],
        ignore_row_if: 'neither',
      },
      success: false,
      result: { missing_count: 0, unexpected_count: 1, partial_unexpected_list: [[null, 2]] },
    },
  ],
});
