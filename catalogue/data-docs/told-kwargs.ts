import { parseInstant } from '../../expectations/instant.ts';
import { isList, isObject } from '../../expectations/json.ts';
import type { Json, JsonObject } from '../../expectations/json.ts';
import { grouped } from '../../expectations/measured.ts';
import type { SuiteExpectation } from '../../expectations/suite-expectation.ts';

/** Arguments that name columns, say how to read the others, or are bounds: never a value of a row. */
const NAMES: ReadonlySet<string> = new Set([
  'column',
  'column_A',
  'column_B',
  'column_list',
  'column_set',
  'condition_parser',
  'type_',
  'type_list',
  'other_table_name',
  'ignore_row_if',
  'match_on',
  'method',
  'escape',
  'quantile_ranges',
]);

/** Parameters that a gate gave its suite. */
export interface GivenParameters {
  /** Those whose values came out of rows. */
  readonly queried: ReadonlySet<string>;
  /** Of these, those that were made of a column marked personal: not even numbers are told. */
  readonly personal: ReadonlySet<string>;
}

/**
 * The arguments of a promise as they may be told: what the suite's file says, and of what its parameters gave the numbers and
 * times. A set that a query read is its size: `['stores: 1,000 values']`, which pages of Great Expectations show as they
 * show any set.
 *
 * @param filled as evaluated, parameters in place.
 * @param written the promise in the suite's file; null where the file is another by now: then only names and numbers are told.
 */
export function toldKwargs(
  filled: JsonObject,
  written: Pick<SuiteExpectation, 'kwargs' | 'uses'> | null,
  parameters: GivenParameters,
): JsonObject {
  if (written === null)
    return mapped(filled, (value, name) => (NAMES.has(name) ? value : hidden(value, 'not shown', isFigure)));
  return mapped(filled, (value, name) => {
    const use = written.uses.find(({ argument }) => argument === name);
    if (use === undefined) return written.kwargs[name] ?? value;
    const asked = use.names.filter((one) => parameters.queried.has(one) && !Object.hasOwn(use.own, one));
    if (asked.length === 0) return value;
    const isPersonal = asked.some((one) => parameters.personal.has(one));
    return hidden(value, asked.join(', '), (one) => !isPersonal && isFigure(one));
  });
}

/** A number, a truth or a time, also as text. */
export function isFigure(value: Json): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  return (
    typeof value === 'string' &&
    (/^-?(\d+(\.\d+)?(e[+-]?\d+)?|infinity)$/i.test(value) || parseInstant(value) !== null)
  );
}

/** Something of the same shape that says no value but those that may be told: Great Expectations takes pairs where pairs belong. */
function hidden(value: Json, name: string, mayBeTold: (value: Json) => boolean): Json {
  if (isList(value)) {
    const size = `${name}: ${grouped(value.length)} ${value.length === 1 ? 'value' : 'values'}`;
    return [value.some((one) => isList(one)) ? [size, ''] : size];
  }
  return isObject(value) ? mapped(value, (one) => eachHidden(one)) : eachHidden(value);

  // What is in an object belongs together: a weight to each value.
  function eachHidden(one: Json): Json {
    if (one === null || mayBeTold(one)) return one;
    if (isList(one)) return one.map(eachHidden);
    return isObject(one) ? mapped(one, eachHidden) : name;
  }
}

function mapped(object: JsonObject, of: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, of(value, name)]));
}
