import { sql } from 'kysely';
import { columnProperty, defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import type { Json } from '../json.ts';
import { grouped } from '../measured.ts';
import { CannotEvaluate } from '../scan.ts';
import type { Column, Sql } from '../scan.ts';

type Member = string | number | boolean | null;

interface SetKwargs extends ColumnKwargs {
  readonly value_set: readonly Member[];
}

/**
 * True where the column is none of `members`. They are one bound array beside which nothing is computed a row, and
 * both sides have one type: then Postgres hashes the array (from 9 members on) instead of walking it for every row.
 *
 * @see https://git.postgresql.org/gitweb/?p=postgresql.git;a=commit;h=29f45e299 for `<> all`, PostgreSQL 15
 */
function notIn(column: Column, members: readonly Member[]): Sql {
  const present = members.filter((member) => member !== null);
  const kinds = new Set(present.map((member) => typeof member));
  if (kinds.size > 1)
    throw new CannotEvaluate(`the values of the set are of several types: ${[...kinds].join(', ')}`);
  const [kind = 'string'] = kinds;
  const array = present.map(String);
  if (kind === 'number') {
    if (column.category === 'whole' && present.every(Number.isSafeInteger)) {
      return sql`${column.sql}::bigint <> all(${array}::bigint[])`;
    }
    if (column.category === 'whole' || column.category === 'number') {
      return sql`${column.sql}::numeric <> all(${array}::numeric[])`;
    }
  } else if (kind === 'boolean') {
    if (column.category === 'boolean') return sql`${column.sql} <> all(${array}::boolean[])`;
  } else {
    if (column.category === 'text' || column.category === 'other')
      return sql`${column.sql}::text <> all(${array}::text[])`;
    if (column.category === 'boolean') return sql`${column.sql} <> all(${array}::boolean[])`;
    if (column.category === 'uuid') return sql`${column.sql} <> all(${array}::uuid[])`;
    if (column.category === 'time') return sql`${column.sql}::timestamptz <> all(${array}::timestamptz[])`;
    if (present.length === 0) return sql`true`;
  }
  throw new CannotEvaluate(`column ${column.name} is ${column.type} and the set has ${kind}s`);
}

const member: Json = { type: ['string', 'number', 'boolean', 'null'] };

/** Every value of a column is one of a set. */
export default defineColumnMap<SetKwargs>({
  type: 'expect_column_values_to_be_in_set',
  docs: {
    promise: 'Every value of the column is one of a set.',
    empty: 'An empty batch passes; with an empty set every value breaks it.',
    nulls: 'NULLs are left out, of the column and of the set.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_be_in_set',
  },
  properties: {
    column: columnProperty,
    value_set: { type: 'array', items: member, description: 'The values allowed, all of one type.' },
  },
  required: ['value_set'],
  breaks: (kwargs, column) => notIn(column, kwargs.value_set),
  describe: ({ column, value_set, mostly }) =>
    `${column} one of ${grouped(value_set.length)} known ${value_set.length === 1 ? 'value' : 'values'}${mostlyWords(mostly)}`,
  broken: 'with another value',
  examples: [
    {
      title: 'an unknown store',
      columns: { store_id: 'text' },
      rows: [['S1'], ['S9'], [null]],
      kwargs: { column: 'store_id', value_set: ['S1', 'S2'] },
      success: false,
      result: { element_count: 3, missing_count: 1, unexpected_count: 1, partial_unexpected_list: ['S9'] },
    },
    {
      title: 'whole numbers',
      columns: { size: 'smallint' },
      rows: [['1'], ['2'], ['3']],
      kwargs: { column: 'size', value_set: [1, 2, null], mostly: 0.6 },
      success: true,
      result: { unexpected_count: 1, unexpected_percent: (1 / 3) * 100 },
    },
    {
      title: 'fractions',
      columns: { rate: 'double precision' },
      rows: [['0.1'], ['0.2']],
      kwargs: { column: 'rate', value_set: [0.1] },
      success: false,
      result: { unexpected_count: 1, partial_unexpected_list: [0.2] },
    },
    {
      title: 'an empty set allows nothing, and NULL is still left out',
      columns: { store_id: 'text' },
      rows: [['S1'], [null]],
      kwargs: { column: 'store_id', value_set: [] },
      success: false,
      result: { unexpected_count: 1, missing_count: 1 },
    },
  ],
});
