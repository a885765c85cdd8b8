import { sql } from 'kysely';
import { columnProperty, countsOf, judgeRows, mostlyWords } from './column-map.ts';
import { defineExpectation } from './define-expectation.ts';
import type { Documentation, Example, ExpectationType } from './define-expectation.ts';
import type { JsonSchema } from './json-schema.ts';
import { noRowBreaksIt } from './proof.ts';
import type { Column, Scan, Sql } from './scan.ts';

/** Arguments of a promise about two columns of a row. */
export interface PairKwargs {
  readonly column_A: string;
  readonly column_B: string;
  readonly ignore_row_if?: 'both_values_are_missing' | 'either_value_is_missing' | 'neither';
  readonly mostly?: number;
}

/** What the author of a type about two columns writes. */
export interface PairDefinition<K extends PairKwargs> {
  readonly type: string;
  readonly docs: Documentation;
  /** JSON Schema of the arguments beside the two columns, `ignore_row_if` and `mostly`. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly (keyof K & string)[];
  /** True for a row that breaks the promise; NULL counts as not. */
  readonly breaks: (kwargs: K, a: Column, b: Column) => Sql;
  readonly describe: (kwargs: K) => string;
  /** Ends the sentence "1 of 18 rows …". */
  readonly broken: string;
  readonly examples: readonly Example[];
}

/** Declares a promise about two columns of each row that joins the suite's one scan. */
export function defineColumnPair<K extends PairKwargs>(definition: PairDefinition<K>): ExpectationType {
  const columns = ({ column_A, column_B }: K): readonly [string, string] => [column_A, column_B];
  const broken = (kwargs: K, scan: Scan): Sql => {
    const [a, b] = [scan.column(kwargs.column_A), scan.column(kwargs.column_B)];
    return sql`${asked(kwargs, a, b)} and (${definition.breaks(kwargs, a, b)})`;
  };
  return defineExpectation<K>({
    ...definition,
    properties: {
      column_A: columnProperty,
      column_B: columnProperty,
      ...definition.properties,
      ignore_row_if,
    },
    required: ['column_A', 'column_B', ...(definition.required ?? [])],
    mostly: true,
    columns,
    measure: (kwargs, scan) => ({
      elements: scan.count(),
      present: scan.count(asked(kwargs, scan.column(kwargs.column_A), scan.column(kwargs.column_B))),
      unexpected: scan.count(broken(kwargs, scan)),
    }),
    failing: (kwargs, scan) => ({ predicate: broken(kwargs, scan), columns: columns(kwargs) }),
    provable: () => noRowBreaksIt,
    listed: true,
    judge: ({ mostly = 1 }, measured) => judgeRows(countsOf(measured), mostly, definition.broken),
    describe: (kwargs) => `${definition.describe(kwargs)}${mostlyWords(kwargs.mostly)}`,
  });
}

const ignore_row_if: JsonSchema = {
  type: 'string',
  enum: ['both_values_are_missing', 'either_value_is_missing', 'neither'],
  description: 'Rows that are left out; by default those without both values.',
};

/** Rows that are asked: those that `ignore_row_if` leaves out count as missing. */
function asked({ ignore_row_if: ignored }: PairKwargs, a: Column, b: Column): Sql {
  if (ignored === 'neither') return sql`true`;
  if (ignored === 'either_value_is_missing') return sql`(${a.sql} is not null and ${b.sql} is not null)`;
  return sql`(${a.sql} is not null or ${b.sql} is not null)`;
}
