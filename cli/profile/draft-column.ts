import { greatExpectationsType } from '../../expectations/column-type.ts';
import { parseInstant } from '../../expectations/instant.ts';
import { grouped } from '../../expectations/measured.ts';
import type { Member } from '../../expectations/value-set.ts';
import { draftText } from './draft-text.ts';
import type { Drafted } from './drafted.ts';
import { dayOf, roundDown, roundUp, shareUp } from './outward.ts';
import { isIdentifier } from './pairs.ts';
import type { ColumnProfile, TableProfile } from './profile.ts';

/** Fewer values than this promise nothing about those to come. */
export const ENOUGH = 20;
/** A set is one when its values come again, so often on average. */
const REPEATED = 5;

/** How many more NULLs than now are still usual. */
const SPARE = 1.5;

/** `1 of 18,221 rows`. */
export function share(part: number, whole: number, what = 'rows'): string {
  const percent = whole === 0 ? 0 : (part / whole) * 100;
  const shown = part === 0 || part === whole ? '' : ` (${Number(percent.toPrecision(2))} %)`;
  return `${grouped(part)} of ${grouped(whole)} ${whole === 1 ? what.replace(/s$/, '') : what}${shown}`;
}

/** Everything promised about one column alone. */
export function draftColumn(column: ColumnProfile, table: TableProfile): readonly Drafted[] {
  const inKey = table.keys.some(({ columns, index }) => index !== null && columns.includes(column.name));
  const enough = column.present >= ENOUGH;
  const set = setOf(column, table, inKey);
  return [
    declared(column),
    ...presence(column, table.rows, inKey || firstKey(table) === column.name),
    ...(set !== null && enough ? [oneOf(column, set)] : []),
    ...(set === null && enough && !column.personal ? range(column, table, inKey) : []),
    ...(set === null && enough && column.category === 'text' ? draftText(column) : []),
  ];
}

/** Where no index says what the key is: the first column that the data has as one. */
export function firstKey({ keys }: TableProfile): string | null {
  if (keys.some(({ index }) => index !== null)) return null;
  return keys[0]?.columns.length === 1 ? (keys[0].columns[0] ?? null) : null;
}

function declared({ name, type }: ColumnProfile): Drafted {
  return {
    type: 'expect_column_values_to_be_of_type',
    kwargs: { column: name, type_: greatExpectationsType(type) },
    critical: false,
    fact: `declared as ${type}`,
  };
}

function presence(column: ColumnProfile, rows: number, inKey: boolean): readonly Drafted[] {
  const missing = rows - column.present;
  const type = 'expect_column_values_to_not_be_null';
  const critical = inKey && (missing === 0 || column.notNull);
  if (column.notNull) return [{ type, kwargs: { column: column.name }, critical, fact: 'declared NOT NULL' }];
  if (rows < ENOUGH) return [];
  const fact = `${share(missing, rows)} ${missing === 1 ? 'is' : 'are'} NULL`;
  if (missing === 0) return [{ type, kwargs: { column: column.name }, critical, fact }];
  const mostly = Number((1 - shareUp((SPARE * missing) / rows)).toFixed(12));
  return mostly <= 0 ? [] : [{ type, kwargs: { column: column.name, mostly }, critical: false, fact }];
}

/** The values of a column, where they are few, come again and again, and are not another table's business. */
function setOf(
  { name, found, personal }: ColumnProfile,
  { foreignKeys }: TableProfile,
  inKey: boolean,
): readonly Member[] | null {
  if (found === null || found.values === null || personal || inKey) return null;
  const referring = foreignKeys.some(({ columns }) => columns.includes(name));
  if (referring || found.present < REPEATED * found.different || isRow(found.values)) return null;
  return found.values;
}

function oneOf({ name, present }: ColumnProfile, set: readonly Member[]): Drafted {
  return {
    type: 'expect_column_values_to_be_in_set',
    kwargs: { column: name, value_set: set },
    critical: false,
    fact: `${grouped(set.length)} different ${set.length === 1 ? 'value' : 'values'} in ${grouped(present)} rows`,
  };
}

function range(column: ColumnProfile, table: TableProfile, inKey: boolean): readonly Drafted[] {
  const { name, category } = column;
  if (category === 'time') return times(column, table.asOf);
  if (category !== 'whole' && category !== 'number') return [];
  const referring = table.foreignKeys.some(({ columns }) => columns.includes(name));
  return numbers(column, inKey || referring || isIdentifier(name));
}

/** Whole numbers one after the other: a range says the same. */
function isRow(set: readonly Member[]): boolean {
  return (
    set.length > 2 && set.every((one, place) => typeof one === 'number' && one === Number(set[0]) + place)
  );
}

function numbers({ name, category, lowest, highest }: ColumnProfile, counting: boolean): readonly Drafted[] {
  const [low, high] = [Number(lowest), Number(highest)];
  const least = category === 'whole' && low >= 1 ? 1 : low >= 0 ? 0 : roundDown(low);
  // An identifier grows; that is no fault.
  const most = counting ? null : roundUp(high);
  const kwargs = {
    column: name,
    ...(least === null || Number.isNaN(low) ? {} : { min_value: least }),
    ...(category === 'number' && low > 0 ? { strict_min: true } : {}),
    ...(most === null ? {} : { max_value: most }),
  };
  if (!('min_value' in kwargs) && !('max_value' in kwargs)) return [];
  const fact = `lowest ${lowest ?? ''}, highest ${highest ?? ''}`;
  return [{ type: 'expect_column_values_to_be_between', kwargs, critical: false, fact }];
}

function times({ name, lowest, highest }: ColumnProfile, asOf: string): readonly Drafted[] {
  const first = dayOf(lowest ?? '');
  const [last, now] = [parseInstant(highest ?? ''), parseInstant(asOf)];
  const past = last !== null && now !== null && last.micros <= now.micros;
  const kwargs = {
    column: name,
    ...(first === null ? {} : { min_value: first }),
    ...(past ? { max_value: { $PARAMETER: 'now()' } } : {}),
  };
  if (first === null && !past) return [];
  const fact = `first ${lowest ?? ''}, last ${highest ?? ''}`;
  return [{ type: 'expect_column_values_to_be_between', kwargs, critical: false, fact }];
}
