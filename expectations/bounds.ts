import { sql } from 'kysely';
import { parseInstant } from './instant.ts';
import type { Judgement } from './define-expectation.ts';
import type { Json, JsonObject } from './json.ts';
import { isNumberText } from './json-schema.ts';
import type { JsonSchema } from './json-schema.ts';
import { shown } from './measured.ts';
import { CannotEvaluate } from './scan.ts';
import type { Column, Sql } from './scan.ts';

/** A bound: a number, as text where it is too large for a double, or a date or time as ISO text (without a zone it is UTC). */
export type Bound = number | string;

/** Arguments of a range. At least one bound is a number or a time. */
export interface Range {
  readonly min_value?: Bound | null;
  readonly max_value?: Bound | null;
  readonly strict_min?: boolean;
  readonly strict_max?: boolean;
}

const bound = (which: string): JsonSchema => ({
  description: `${which} value: a number, or a date or time. Left out or null: unbounded.`,
  type: ['number', 'string', 'null'],
  format: 'bound',
});
const whole = (which: string): JsonSchema => ({
  description: `${which} number. Left out or null: unbounded.`,
  type: ['integer', 'null'],
});
const strict = {
  strict_min: { type: 'boolean', description: 'Whether the lowest value itself is outside.' },
  strict_max: { type: 'boolean', description: 'Whether the highest value itself is outside.' },
};

/** JSON Schema of a range of numbers or times. */
export const rangeProperties: Readonly<Record<string, JsonSchema>> = {
  min_value: bound('Lowest'),
  max_value: bound('Highest'),
  ...strict,
};

/** JSON Schema of a range of whole numbers. */
export const wholeRangeProperties: Readonly<Record<string, JsonSchema>> = {
  min_value: whole('Lowest'),
  max_value: whole('Highest'),
  ...strict,
};

/** Refuses a lowest value above the highest. */
export function checkOrder(kwargs: JsonObject): readonly string[] {
  const { min_value: min, max_value: max } = kwargs;
  if (typeof min === 'number' && typeof max === 'number' && min > max)
    return ['`min_value` is above `max_value`'];
  if (typeof min === 'string' && typeof max === 'string') {
    const [low, high] = [parseInstant(min), parseInstant(max)];
    if (low !== null && high !== null && low.micros > high.micros)
      return ['`min_value` is after `max_value`'];
  }
  return [];
}

/** Refuses a range without a bound: it would promise nothing. */
export function checkBounded(kwargs: JsonObject): readonly string[] {
  const { min_value: min = null, max_value: max = null } = kwargs;
  return min === null && max === null ? ['`min_value` and `max_value` are both missing'] : [];
}

/**
 * A bound as a bound value of a type that compares with `column`.
 *
 * @throws CannotEvaluate for a number against text or a time, and the other way round.
 */
export function boundValue(column: Column, value: Bound): Sql {
  const { category } = column;
  if (typeof value === 'number' || isNumberText(value)) {
    if (category === 'text' || category === 'time' || category === 'boolean') throw clash(column, 'a number');
    return category === 'whole' && /^-?\d{1,18}$/.test(String(value))
      ? sql`${value}::bigint`
      : sql`${value}::numeric`;
  }
  if (category === 'whole' || category === 'number' || category === 'text' || category === 'boolean') {
    throw clash(column, 'a time');
  }
  return sql`${value}::timestamptz`;
}

function clash(column: Column, what: string): CannotEvaluate {
  return new CannotEvaluate(`column ${column.name} is ${column.type} and the bound is ${what}`);
}

/** A number and the range it was judged by. */
export function boundedBy(
  value: Json,
  { min_value: lower = null, max_value: upper = null }: Range,
): Pick<Judgement, 'bounded'> {
  return { bounded: { value, lower, upper } };
}

/** SQL that is true when `value` lies below the range, and when it lies above. */
export function outside(value: Sql, column: Column, range: Range): readonly Sql[] {
  const { min_value: min = null, max_value: max = null } = range;
  const below = range.strict_min === true ? sql`<=` : sql`<`;
  const above = range.strict_max === true ? sql`>=` : sql`>`;
  return [
    ...(min === null ? [] : [sql`${value} ${below} ${boundValue(column, min)}`]),
    ...(max === null ? [] : [sql`${value} ${above} ${boundValue(column, max)}`]),
  ];
}

/** A range in words: `between 0 and 100000`, `at least 1`, `below 5`. */
export function rangeWords(range: Range): string {
  const { min_value: min = null, max_value: max = null } = range;
  if (min !== null && max !== null && range.strict_min !== true && range.strict_max !== true) {
    return `between ${shown(min)} and ${shown(max)}`;
  }
  const low = min === null ? [] : [`${range.strict_min === true ? 'above' : 'at least'} ${shown(min)}`];
  const high = max === null ? [] : [`${range.strict_max === true ? 'below' : 'at most'} ${shown(max)}`];
  return [...low, ...high].join(' and ') || 'present';
}
