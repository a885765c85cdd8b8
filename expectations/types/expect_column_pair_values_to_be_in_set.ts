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

/**
 * True for a row whose two values are a pair of the set, by SQL's logic: a missing value may be any, so that a row with
 * one is outside only where its other value is in no pair, and a row without both never is.
 */
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
  const firsts = comparable(
    a,
    pairs.map(([first]) => first),
  );
  const seconds = comparable(
    b,
    pairs.map(([, second]) => second),
  );
  return sql`case
    when ${a.sql} is not null and ${b.sql} is not null
      then (${left.value}, ${right.value}) in (select * from unnest(${left.array}, ${right.array}))
    when ${a.sql} is not null then ${firsts.value} = any(${firsts.array})
    when ${b.sql} is not null then ${seconds.value} = any(${seconds.array})
    else ${pairs.length > 0}::boolean end`;
}

/** In every row the values of two columns are a pair of a set. */
export default defineColumnPair<PairSetKwargs>({
  type: 'expect_column_pair_values_to_be_in_set',
  docs: {
    promise: 'In every row the values of the two columns, together, are one of a set of pairs.',
    empty: 'An empty batch passes.',
    nulls:
      'A missing value may be any: such a row breaks it only where its other value is in no pair. By default rows without both values are left out.',
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
        ['FR', null],
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
          ['FR', null],
        ],
      },
    },
    {
      title: 'the value beside a missing one has to be in a pair',
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
