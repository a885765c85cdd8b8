import { parseInstant } from '../../expectations/instant.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { grouped } from '../../expectations/measured.ts';
import { draftColumn, ENOUGH, firstKey } from './draft-column.ts';
import type { Drafted } from './drafted.ts';
import { roundDown, roundUp } from './outward.ts';
import type { ForeignKey, Key, TableProfile } from './profile.ts';

const HOUR = 3_600_000_000;
/** A newest row older than this is history: nobody waits for the next. */
const FRESH = 7 * 24 * HOUR;

/** Promises that the figures of a table suggest: about the table, its keys, each column, and columns with each other. */
export function draftPromises(table: TableProfile): readonly Drafted[] {
  return [
    ...shape(table),
    ...rowCount(table),
    ...table.keys.flatMap((key) => uniqueness(key, table)),
    ...table.columns.flatMap((column) => draftColumn(column, table)),
    ...freshness(table),
    ...table.pairs.map(({ low, high }) => ({
      type: 'expect_column_pair_values_a_to_be_greater_than_b',
      kwargs: { column_A: high, column_B: low, or_equal: true, ignore_row_if: 'either_value_is_missing' },
      critical: false,
      fact: `no row has ${low} above ${high}`,
    })),
    ...table.foreignKeys.flatMap(reference),
  ];
}

function shape({ columns, own }: TableProfile): readonly Drafted[] {
  const beside = own.length === 0 ? '' : ', beside those that Weir keeps for itself';
  const fact = `${grouped(columns.length)} ${columns.length === 1 ? 'column' : 'columns'} now${beside}`;
  if (columns.length === 0 && own.length > 0) return [];
  if (columns.length === 0)
    return [{ type: 'expect_table_column_count_to_equal', kwargs: { value: 0 }, critical: false, fact }];
  const kwargs = { column_set: columns.map(({ name }) => name), exact_match: own.length === 0 };
  return [{ type: 'expect_table_columns_to_match_set', kwargs, critical: false, fact }];
}

function rowCount({ rows }: TableProfile): readonly Drafted[] {
  if (rows < ENOUGH) return [];
  const [min, max] = [roundDown(rows / 2), roundUp(rows * 2)];
  const kwargs = { min_value: min, max_value: max };
  const fact = `${grouped(rows)} rows now; from half to double`;
  return [{ type: 'expect_table_row_count_to_be_between', kwargs, critical: false, fact }];
}

function uniqueness({ columns, index }: Key, table: TableProfile): readonly Drafted[] {
  const [column = ''] = columns;
  const fact =
    index === null ? `${grouped(table.rows)} rows, none with the value of another` : `unique index ${index}`;
  const critical = index !== null || firstKey(table) === column;
  if (columns.length === 1)
    return [{ type: 'expect_column_values_to_be_unique', kwargs: { column }, critical, fact }];
  // An index takes NULLs for different, a combination of values with one repeats nothing.
  const kwargs = { column_list: columns, ignore_row_if: 'any_value_is_missing' };
  return [{ type: 'expect_compound_columns_to_be_unique', kwargs, critical, fact }];
}

/** The newest time of the column that is newest of all, where that is recent: twice its age is still fresh. */
function freshness({ columns, asOf, rows }: TableProfile): readonly Drafted[] {
  const now = parseInstant(asOf)?.micros ?? 0;
  const ages = columns
    .filter(({ category, personal }) => category === 'time' && !personal)
    .flatMap(({ name, highest }) => {
      const newest = parseInstant(highest ?? '');
      return newest === null ? [] : [{ name, highest, age: now - newest.micros }];
    })
    .filter(({ age }) => age >= 0 && age <= FRESH);
  const newest = ages.toSorted((a, b) => a.age - b.age)[0];
  if (newest === undefined || rows < ENOUGH) return [];
  const hours = Math.max(1, Math.ceil((2 * newest.age) / HOUR));
  const kwargs: JsonObject = {
    column: newest.name,
    min_value: { $PARAMETER: `now() - timedelta(hours=${hours})` },
  };
  const fact = `newest ${newest.highest ?? ''}, ${Math.floor(newest.age / 60_000_000)} minutes old; at most twice that, in whole hours`;
  return [{ type: 'expect_column_max_to_be_between', kwargs, critical: false, fact }];
}

/** As Great Expectations can state it: a query that looks for rows without a partner. */
function reference({ name, columns, target, targetColumns }: ForeignKey): readonly Drafted[] {
  const own = columns.map((column) => `b.${quoted(column)}`);
  const same = targetColumns.map((column, place) => `r.${quoted(column)} = ${own[place] ?? 'null'}`);
  const present = own.map((column) => `${column} is not null`).join(' and ');
  const query = `select b.* from {batch} b where ${present} and not exists (select 1 from ${target.map(quoted).join('.')} r where ${same.join(' and ')})`;
  return [
    {
      type: 'unexpected_rows_expectation',
      kwargs: { unexpected_rows_query: query },
      critical: false,
      fact: `foreign key ${name} to ${target.join('.')} (${targetColumns.join(', ')})`,
    },
  ];
}

/** A name as SQL of a suite has it; braces are doubled there. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""').replaceAll(/[{}]/g, '$&$&')}"`;
}
