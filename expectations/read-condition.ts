import { isList, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { parseLegacyCondition } from './legacy-condition.ts';
import { shown } from './measured.ts';
import type { Problems } from './problem.ts';
import { refuseUnknownKeys } from './read-object.ts';
import { comparators } from './row-condition.ts';
import type { RowCondition } from './row-condition.ts';
import { didYouMean } from './suggestion.ts';

const KINDS: Readonly<Record<string, readonly string[]>> = {
  comparison: ['column', 'operator', 'parameter'],
  nullity: ['column', 'is_null'],
  and: ['conditions'],
  or: ['conditions'],
};
/** As in Great Expectations. */
const MOST_CONDITIONS = 100;

/**
 * Reads a `row_condition`: an object (`comparison`, `nullity`, `and`, `or`), or text of the older form, which holds
 * one comparison. Null when it is wrong, with the reason in `problems`.
 *
 * @param parser the `condition_parser` beside it; it matters for text only.
 */
export function parseRowCondition(json: Json, parser: Json, problems: Problems): RowCondition | null {
  if (typeof json === 'string') return parseLegacyCondition(json, parser, problems);
  const budget = { left: MOST_CONDITIONS };
  return readCondition(json, { group: null, budget }, problems);
}

interface Place {
  /** The group it stands in. */
  readonly group: 'and' | 'or' | null;
  readonly budget: { left: number };
}

function readCondition(json: Json, place: Place, problems: Problems): RowCondition | null {
  if (!isObject(json)) {
    problems.add('a condition is not an object', 'a comparison, nullity, and, or');
    return null;
  }
  const kind = kindOf(json, problems);
  if (kind === null) return null;
  refuseUnknownKeys(json, ['type', ...(KINDS[kind] ?? [])], problems);
  if (kind === 'and' || kind === 'or') return readGroup(kind, json, place, problems);
  place.budget.left -= 1;
  if (place.budget.left === -1) problems.add('the condition is too long', `at most ${MOST_CONDITIONS}`);
  const column = readColumn(json, problems);
  if (column === null) return null;
  return kind === 'nullity' ? readNullity(column, json, problems) : readComparison(column, json, problems);
}

/** Great Expectations also takes one without its `type` where the other keys say which it is. */
function kindOf(json: JsonObject, problems: Problems): string | null {
  const { type } = json;
  if (type === undefined) {
    const kind = Object.keys(KINDS).find((name) => (KINDS[name] ?? []).every((key) => key in json));
    if (kind !== undefined && kind !== 'and') return kind;
  } else if (typeof type === 'string' && Object.hasOwn(KINDS, type)) {
    return type;
  }
  const known = Object.keys(KINDS);
  const hint = typeof type === 'string' ? didYouMean(type, known) : '';
  problems.at('type').add('there is no such condition', `one of ${known.join(', ')}`, hint);
  return null;
}

function readGroup(
  kind: 'and' | 'or',
  json: JsonObject,
  { group, budget }: Place,
  problems: Problems,
): RowCondition | null {
  if (kind === 'or' && group !== null) {
    problems.add('an `or` stands inside a group', 'an `or` at the top', 'Write it as an `or` of `and`s.');
    return null;
  }
  const list = json['conditions'];
  if (!isList(list)) {
    problems.at('conditions').add('there is no list of conditions', 'a list');
    return null;
  }
  const read = list.map((one, index) =>
    readCondition(one, { group: kind, budget }, problems.at('conditions', index)),
  );
  const conditions = read.filter((one) => one !== null);
  return conditions.length === read.length ? { kind, conditions } : null;
}

function readColumn(json: JsonObject, problems: Problems): string | null {
  const { column = null } = json;
  if (isObject(column)) {
    refuseUnknownKeys(column, ['name'], problems.at('column'));
    if (typeof column['name'] === 'string' && column['name'] !== '') return column['name'];
  }
  problems.at('column').add('no column is named', '{"name": "store_id"}');
  return null;
}

function readNullity(column: string, json: JsonObject, problems: Problems): RowCondition | null {
  const isNull = json['is_null'];
  if (typeof isNull === 'boolean') return { kind: 'nullity', column, isNull };
  problems.at('is_null').add('`is_null` is not a boolean', 'true or false');
  return null;
}

function readComparison(column: string, json: JsonObject, problems: Problems): RowCondition | null {
  const { operator = null, parameter = null } = json;
  if (operator === 'IN' || operator === 'NOT_IN') {
    const negated = operator === 'NOT_IN';
    if (isList(parameter)) {
      const texts = parameter.filter((member) => typeof member === 'string');
      if (texts.length === parameter.length) return { kind: 'membership', column, negated, members: texts };
      const numbers = parameter.filter((member) => typeof member === 'number');
      if (numbers.length === parameter.length)
        return { kind: 'membership', column, negated, members: numbers };
    }
    problems.at('parameter').add('not a list of one type', 'a list of numbers, or a list of texts');
    return null;
  }
  const known = comparators.find((one) => one === operator);
  if (known === undefined) {
    problems
      .at('operator')
      .add(
        `there is no operator ${shown(operator)}`,
        `one of ${[...comparators, 'IN', 'NOT_IN'].join(', ')}`,
      );
    return null;
  }
  if (typeof parameter === 'string' || typeof parameter === 'number' || typeof parameter === 'boolean')
    return { kind: 'comparison', column, operator: known, value: parameter };
  problems
    .at('parameter')
    .add('nothing to compare with', 'text, a number or a boolean', 'For NULL write a nullity condition.');
  return null;
}
