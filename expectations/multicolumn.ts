import { sql } from 'kysely';
import { countsOf, judgeRows, mostlyWords } from './column-map.ts';
import { defineExpectation } from './define-expectation.ts';
import type { Documentation, Example, ExpectationType } from './define-expectation.ts';
import type { JsonSchema } from './json-schema.ts';
import { noRowBreaksIt } from './proof.ts';
import type { Column, Scan, Sql } from './scan.ts';

/** Arguments of a promise about several columns of a row. */
export interface MulticolumnKwargs {
  readonly column_list: readonly string[];
  readonly ignore_row_if?: 'all_values_are_missing' | 'any_value_is_missing' | 'never';
  readonly mostly?: number;
}

/** What the author of a type about several columns writes. */
export interface MulticolumnDefinition<K extends MulticolumnKwargs> {
  readonly type: string;
  readonly docs: Documentation;
  /** JSON Schema of the arguments beside `column_list`, `ignore_row_if` and `mostly`. */
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly (keyof K & string)[];
  /** True for a row that breaks the promise; NULL counts as not. */
  readonly breaks: (kwargs: K, columns: readonly Column[]) => Sql;
  readonly describe: (kwargs: K) => string;
  /** Ends the sentence "1 of 18 rows …". */
  readonly broken: string;
  readonly examples: readonly Example[];
}

/** JSON Schema of the names of two or more columns. */
export const columnListProperty: JsonSchema = {
  type: 'array',
  items: { type: 'string', minLength: 1 },
  minItems: 2,
  uniqueItems: true,
  description: 'Names of two or more columns.',
};

/** JSON Schema of which rows are left out. */
const ignoreRowIfProperty: JsonSchema = {
  type: 'string',
  enum: ['all_values_are_missing', 'any_value_is_missing', 'never'],
  description: 'Rows that are left out; by default those without any of the values.',
};

/** Declares a promise about several columns of each row that joins the suite's one scan. */
export function defineMulticolumn<K extends MulticolumnKwargs>(
  definition: MulticolumnDefinition<K>,
): ExpectationType {
  const broken = (kwargs: K, scan: Scan): Sql => {
    const columns = columnsOf(kwargs, scan);
    return sql`${askedOf(kwargs, columns)} and (${definition.breaks(kwargs, columns)})`;
  };
  return defineExpectation<K>({
    ...definition,
    properties: {
      column_list: columnListProperty,
      ...definition.properties,
      ignore_row_if: ignoreRowIfProperty,
    },
    required: ['column_list', ...(definition.required ?? [])],
    mostly: true,
    columns: ({ column_list }) => column_list,
    measure: (kwargs, scan) => ({
      elements: scan.count(),
      present: scan.count(askedOf(kwargs, columnsOf(kwargs, scan))),
      unexpected: scan.count(broken(kwargs, scan)),
    }),
    failing: (kwargs, scan) => ({ predicate: broken(kwargs, scan), columns: kwargs.column_list }),
    provable: () => noRowBreaksIt,
    judge: ({ mostly = 1 }, measured) => judgeRows(countsOf(measured), mostly, definition.broken),
    describe: (kwargs) => `${definition.describe(kwargs)}${mostlyWords(kwargs.mostly)}`,
  });
}

/** The columns of `column_list`. */
export function columnsOf({ column_list }: MulticolumnKwargs, scan: Scan): readonly Column[] {
  return column_list.map((name) => scan.column(name));
}

/** Rows that are asked: those that `ignore_row_if` leaves out count as missing. */
function askedOf({ ignore_row_if }: MulticolumnKwargs, columns: readonly Column[]): Sql {
  const list = sql.join(columns.map((column) => column.sql));
  if (ignore_row_if === 'never') return sql`true`;
  if (ignore_row_if === 'any_value_is_missing') return sql`num_nulls(${list}) = 0`;
  return sql`num_nonnulls(${list}) > 0`;
}

/** Each two of `columns`. */
export function pairsOf(columns: readonly Column[]): readonly (readonly [Column, Column])[] {
  return columns.flatMap((first, place) =>
    columns.slice(place + 1).map((second) => [first, second] as const),
  );
}
