import { createHash } from 'node:crypto';
import { isList } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { conditionText } from '../../expectations/row-condition.ts';
import type { SuiteExpectation } from '../../expectations/suite-expectation.ts';
import { storable } from '../storable.ts';

/** Arguments that name the columns a promise is about. */
const COLUMNS: readonly string[] = ['column', 'column_A', 'column_B', 'column_list'];

/** Arguments that say what is asked and not how much of it: another query, or another table, is another promise. */
const ASKED: readonly string[] = [
  'unexpected_rows_query',
  'base_query',
  'comparison_query',
  'other_table',
  'other_column',
  'other_table_name',
];

/** Longest list of columns that stands in a key or a name as it is; Postgres indexes 2,700 bytes. */
const MOST_CHARACTERS = 300;

/** The columns a promise is about, as it is shown; null where it is about the table. */
export function promiseColumns({ kwargs }: SuiteExpectation): string | null {
  const names = COLUMNS.flatMap((argument) => textsOf(kwargs[argument]));
  const shown = storable(names.join(', '));
  if (names.length === 0) return null;
  return shown.length > MOST_CHARACTERS ? `${shown.slice(0, MOST_CHARACTERS)}…` : shown;
}

/**
 * What each promise of a suite is told by in its history, in their order: type, columns and row condition, and a number
 * for one that another before it has too. So a bound, a severity or the order may change, and the history goes on.
 *
 * What may hold a value, a condition or a query, is in it as a hash.
 */
export function promiseKeys(expectations: readonly SuiteExpectation[]): readonly string[] {
  const seen = new Map<string, number>();
  return expectations.map((expectation) => {
    const key = keyOf(expectation);
    const before = seen.get(key) ?? 0;
    seen.set(key, before + 1);
    return before === 0 ? key : `${key} #${before + 1}`;
  });
}

function keyOf({ kind, kwargs, condition, origin }: SuiteExpectation): string {
  const columns = COLUMNS.flatMap((argument) => {
    const value = kwargs[argument];
    return value === undefined ? [] : textsOf(value).length > 0 ? textsOf(value) : [JSON.stringify(value)];
  });
  const written = storable(columns.join(', '));
  const about = written.length > MOST_CHARACTERS ? hashOf(JSON.stringify(columns)) : written;
  return [
    kind.type,
    ...(about === '' ? [] : [about]),
    ...hashed('where', conditionText(condition)),
    ...hashed('asking', askedText(kwargs)),
    // What a header promises is none of the suite's, though it is of a type that the suite has.
    ...(origin === null ? [] : ['by header']),
  ].join(' ');
}

function askedText(kwargs: JsonObject): string | null {
  const asked = ASKED.flatMap((argument) => (kwargs[argument] === undefined ? [] : [kwargs[argument]]));
  return asked.length === 0 ? null : JSON.stringify(asked);
}

function hashed(word: string, text: string | null): readonly string[] {
  return text === null ? [] : [`${word} ${hashOf(text)}`];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function textsOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return [value];
  return isList(value) ? value.filter((name) => typeof name === 'string') : [];
}
