import { sql } from 'kysely';
import { columnProperty } from './column-map.ts';
import { defineExpectation } from './define-expectation.ts';
import type { Documentation, Example, ExpectationType, Measured, Measures } from './define-expectation.ts';
import { isList, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { JsonSchema } from './json-schema.ts';
import { grouped } from './measured.ts';
import type { Scan, Sql } from './scan.ts';
import { comparable, setWords, valueSetProperty } from './value-set.ts';
import type { Comparable, Member, ValueSetKwargs } from './value-set.ts';

/** How many values of a list are kept, as in Great Expectations. */
const MOST_VALUES = 20;

/** What the author of a type about the different values of a column and a set writes. */
export interface DistinctDefinition {
  readonly type: string;
  readonly docs: Documentation;
  readonly value_set?: JsonSchema;
  /** Whether a value outside the set breaks it. */
  readonly closed: boolean;
  /** Whether a member of the set that does not occur breaks it. */
  readonly complete: boolean;
  /** In words, before the set: `different values of store_id among`. */
  readonly words: string;
  readonly examples: readonly Example[];
}

/** Declares a promise about the different values of a column and a set. */
export function defineDistinctValues(definition: DistinctDefinition): ExpectationType {
  const { closed, complete } = definition;
  return defineExpectation<ValueSetKwargs>({
    ...definition,
    properties: { column: columnProperty, value_set: definition.value_set ?? valueSetProperty },
    required: ['column', 'value_set'],
    mostly: false,
    columns: ({ column }) => [column],
    measure: (kwargs, scan): Measures => {
      const column = scan.column(kwargs.column);
      const sides = comparable(column, kwargs.value_set);
      return {
        ...(closed ? { strangers: strangers(scan, column.sql, sides) } : {}),
        ...(complete ? { absent: absent(scan, sides) } : {}),
      };
    },
    judge: ({ value_set }, measured) => {
      const strange = closed ? strangersOf(measured) : { count: 0, list: [] };
      const missing = complete ? absentOf(value_set, measured) : [];
      const result: JsonObject = {
        // Great Expectations gives none on SQL: it would be the whole column.
        observed_value: null,
        ...(closed ? { unexpected_count: strange.count } : {}),
        ...(complete ? { missing_count: missing.length } : {}),
        ...(closed ? { partial_unexpected_list: strange.list } : {}),
        ...(complete ? { partial_missing_list: missing.slice(0, MOST_VALUES) } : {}),
      };
      const found = [
        ...(closed ? [`${grouped(strange.count)} values outside the set`] : []),
        ...(complete ? [`${grouped(missing.length)} of the set that do not occur`] : []),
      ];
      return {
        success: strange.count === 0 && missing.length === 0,
        result,
        observed: found.join(', '),
        unexpectedCount: null,
        elementCount: null,
      };
    },
    describe: ({ column, value_set }) =>
      `different values of ${column} ${definition.words} ${setWords(value_set)}`,
  });
}

/**
 * Different values outside the set. The scan counts their rows; only where there are any does a query beside it list
 * them: a scalar subquery is run when it is first needed.
 */
function strangers(scan: Scan, column: Sql, { value, array }: Comparable): Sql {
  const outside = sql`${column} is not null and ${value} <> all(${array})`;
  const different = sql`select distinct ${column} as v from ${scan.batch} where ${scan.where(outside)}`;
  const numbered = sql`select v, row_number() over () as place from (${different}) as different`;
  const listed = sql`select jsonb_build_object(
    'count', count(*),
    'list', coalesce(jsonb_agg(to_jsonb(v)) filter (where place <= ${MOST_VALUES}::integer), '[]')
  ) from (${numbered}) as numbered`;
  return sql`case when ${scan.count(outside)} > 0 then (${listed}) end`;
}

function strangersOf(measured: Measured): { readonly count: number; readonly list: readonly Json[] } {
  const found = measured['strangers'];
  if (!isObject(found)) return { count: 0, list: [] };
  const { count = 0, list = [] } = found;
  return { count: Number(count), list: isList(list) ? list : [] };
}

/** Places, from 1, of the members (NULL not among them) that do not occur. */
function absent(scan: Scan, { value, array }: Comparable): Sql {
  // A name that no table has: inside the query beside it, the batch's own name would hide it.
  const member = sql.id('member of the set');
  const same = sql`select from ${scan.batch} where ${scan.where(sql`${value} = ${member}.v`)}`;
  const listed = sql`select place from unnest(${array}) with ordinality as ${member}(v, place) where not exists (${same})`;
  return sql`to_jsonb(array(${listed}))`;
}

/** Members that do not occur, each once. NULL occurs never: it is no value. */
function absentOf(members: readonly Member[], measured: Measured): readonly Member[] {
  const present = members.filter((member) => member !== null);
  const places = measured['absent'];
  const missing = isList(places) ? places.flatMap((place) => present[Number(place) - 1] ?? []) : [];
  return [...new Set([...missing, ...members.filter((member) => member === null)])];
}
