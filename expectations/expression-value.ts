import { ExpressionError } from './expression-tokens.ts';
import type { Expression, Operator } from './expression.ts';
import { instantOf, parseInstant } from './instant.ts';
import type { Instant } from './instant.ts';
import type { Json } from './json.ts';

/** A length of time, in microseconds. */
export interface Duration {
  readonly kind: 'duration';
  readonly micros: number;
}

/** What an expression can be worth. */
export type Value = number | Instant | Duration;

/** What an expression is evaluated against. */
export interface Scope {
  /** What `now()` is: the run's as-of time. */
  readonly now: Instant;
  /** A parameter's value, or undefined when there is none of that name. */
  readonly parameter: (name: string) => Json | undefined;
}

/** Microseconds of each unit of `timedelta` and `interval`, in the order of Python's positional arguments. */
const UNITS: Readonly<Record<string, number>> = {
  days: 86_400e6,
  seconds: 1e6,
  microseconds: 1,
  milliseconds: 1e3,
  minutes: 60e6,
  hours: 3_600e6,
  weeks: 604_800e6,
};
const DATE_PARTS: readonly string[] = ['year', 'month', 'day', 'hour', 'minute', 'second', 'microsecond'];
/** Arguments of a function by place; those that are not here take one number. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  timedelta: Object.keys(UNITS),
  datetime: DATE_PARTS,
  round: ['number', 'ndigits'],
};
const NUMBER_FUNCTIONS: Readonly<Record<string, (value: number) => number>> = {
  abs: Math.abs,
  trunc: Math.trunc,
  sgn: Math.sign,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  exp: Math.exp,
};

/** Functions an expression may call, as in Great Expectations. */
export const functionNames: readonly string[] = [
  'now',
  'timedelta',
  'datetime',
  'round',
  ...Object.keys(NUMBER_FUNCTIONS),
];

/** Evaluates an expression. @throws ExpressionError */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'interval':
      return parseInterval(expression.text);
    case 'name':
      return named(expression.name, scope);
    case 'negate': {
      const operand = evaluate(expression.operand, scope);
      if (typeof operand === 'number') return -operand;
      if (operand.kind === 'duration') return { kind: 'duration', micros: -operand.micros };
      throw new ExpressionError('a time cannot be negated');
    }
    case 'binary':
      return combine(
        expression.operator,
        evaluate(expression.left, scope),
        evaluate(expression.right, scope),
      );
    case 'call':
      return call(expression, scope);
  }
}

/** Reads `5 minutes`, `1 hour 30 minutes`, `-2 days`. @throws ExpressionError */
export function parseInterval(text: string): Duration {
  const parts = [...text.matchAll(/\s*([+-]?\d+(?:\.\d+)?)\s*([a-z]+)\s*/giy)];
  const read = parts.reduce((length, part) => length + part[0].length, 0);
  const micros = parts.map(([, amount, unit]) => {
    const name = (unit ?? '').toLowerCase();
    const size = UNITS[name] ?? UNITS[`${name}s`];
    return size === undefined ? Number.NaN : Number(amount) * size;
  });
  const total = micros.reduce((sum, one) => sum + one, 0);
  if (parts.length === 0 || read !== text.length || !Number.isFinite(total)) {
    throw new ExpressionError(
      `interval '${text}' cannot be read: write a number and one of ${Object.keys(UNITS).join(', ')}`,
    );
  }
  return { kind: 'duration', micros: Math.round(total) };
}

function named(name: string, scope: Scope): Value {
  if (name.toLowerCase() === 'pi') return Math.PI;
  if (name.toLowerCase() === 'e') return Math.E;
  const value = scope.parameter(name);
  if (value !== undefined) return asValue(name, value);
  if (name === 'now') return scope.now;
  throw new ExpressionError(`no value for parameter \`${name}\``);
}

/** Text is read as a number, then as a time. */
function asValue(name: string, value: Json): Value {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') {
    if (/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return Number(value);
    const instant = parseInstant(value);
    if (instant !== null) return instant;
  }
  throw new ExpressionError(
    `parameter \`${name}\` is neither a number nor a time, so nothing can be computed with it`,
  );
}

function combine(operator: Operator, left: Value, right: Value): Value {
  if (typeof left === 'number' && typeof right === 'number') return arithmetic(operator, left, right);
  if (typeof left !== 'number' && typeof right !== 'number') {
    const sign = operator === '+' ? 1 : -1;
    const fits = operator === '+' || operator === '-';
    const micros = left.micros + sign * right.micros;
    if (fits && right.kind === 'duration') return { kind: left.kind, micros };
    if (operator === '+' && left.kind === 'duration') return { kind: 'instant', micros };
    if (operator === '-' && left.kind === 'instant') return { kind: 'duration', micros };
  }
  if (
    typeof left === 'number' &&
    typeof right !== 'number' &&
    right.kind === 'duration' &&
    operator === '*'
  ) {
    return { kind: 'duration', micros: Math.round(left * right.micros) };
  }
  if (typeof right === 'number' && typeof left !== 'number' && left.kind === 'duration') {
    if (operator === '*') return { kind: 'duration', micros: Math.round(left.micros * right) };
    if (operator === '/' && right !== 0) return { kind: 'duration', micros: Math.round(left.micros / right) };
  }
  throw new ExpressionError(`${word(left)} ${operator} ${word(right)} has no meaning`);
}

function arithmetic(operator: Operator, left: number, right: number): number {
  const results = {
    '+': left + right,
    '-': left - right,
    '*': left * right,
    '/': left / right,
    '^': left ** right,
  };
  const result = results[operator];
  if (!Number.isFinite(result)) throw new ExpressionError(`${left} ${operator} ${right} is no finite number`);
  return result;
}

function word(value: Value): string {
  if (typeof value === 'number') return 'a number';
  return value.kind === 'instant' ? 'a time' : 'a length of time';
}

function call(expression: Extract<Expression, { kind: 'call' }>, scope: Scope): Value {
  const { name } = expression;
  const places = PLACES[name] ?? ['x'];
  const inputs = new Map<string, number>();
  const take = (place: string | undefined, argument: Expression): void => {
    const value = evaluate(argument, scope);
    if (place === undefined || !places.includes(place)) {
      throw new ExpressionError(`${name}(…) takes ${places.join(', ')}`);
    }
    if (typeof value !== 'number') throw new ExpressionError(`${name}(…) takes numbers, not ${word(value)}`);
    inputs.set(place, value);
  };
  expression.positional.forEach((argument, index) => take(places[index], argument));
  for (const { name: place, value } of expression.named) take(place, value);
  return apply(name, inputs, scope);
}

function apply(functionName: string, inputs: ReadonlyMap<string, number>, scope: Scope): Value {
  if (functionName === 'now' && inputs.size === 0) return scope.now;
  if (functionName === 'timedelta') {
    const micros = [...inputs].reduce((sum, [unit, amount]) => sum + amount * (UNITS[unit] ?? 0), 0);
    return { kind: 'duration', micros: Math.round(micros) };
  }
  if (functionName === 'datetime') {
    const part = (name: string): number => inputs.get(name) ?? 0;
    const instant = instantOf({
      year: part('year'),
      month: part('month'),
      day: part('day'),
      hour: part('hour'),
      minute: part('minute'),
      second: part('second'),
      microsecond: part('microsecond'),
    });
    if (instant !== null) return instant;
    throw new ExpressionError('datetime(…) names no date that exists');
  }
  const number = inputs.get('number');
  if (functionName === 'round' && number !== undefined)
    return roundHalfEven(number, inputs.get('ndigits') ?? 0);
  const compute = Object.hasOwn(NUMBER_FUNCTIONS, functionName) ? NUMBER_FUNCTIONS[functionName] : undefined;
  const x = inputs.get('x');
  if (compute === undefined || x === undefined || inputs.size !== 1) {
    throw new ExpressionError(`${functionName}(…) cannot be called so. Known: ${functionNames.join(', ')}`);
  }
  return compute(x);
}

/** As Python rounds: what lies exactly between two goes to the even one. */
function roundHalfEven(value: number, digits: number): number {
  if (!Number.isInteger(digits) || Math.abs(digits) > 15)
    throw new ExpressionError('round(…) takes a whole number of digits, at most 15');
  const scaled = value * 10 ** digits;
  const floor = Math.floor(scaled);
  const rounded = scaled - floor === 0.5 ? floor + Math.abs(floor % 2) : Math.round(scaled);
  return digits < 0 ? rounded * 10 ** -digits : rounded / 10 ** digits;
}
