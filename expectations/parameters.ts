import { ExpressionError } from './expression-tokens.ts';
import { evaluate } from './expression-value.ts';
import type { Scope } from './expression-value.ts';
import { formatInstant, parseInstant } from './instant.ts';
import { isList, jsonPointer } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { acceptsList, isNumberText } from './json-schema.ts';
import { isParameter } from './parameter-use.ts';
import type { ParameterUse } from './parameter-use.ts';
import type { SuiteProblem } from './problem.ts';
import type { SuiteExpectation } from './suite-expectation.ts';
import type { Suite } from './suite.ts';
import { didYouMean } from './suggestion.ts';

function usedParameters(suite: Suite): readonly string[] {
  const names = suite.expectations.flatMap(({ uses }) =>
    uses.flatMap((use) => use.names.filter((name) => !Object.hasOwn(use.own, name))),
  );
  return [...new Set(names)];
}

/**
 * Checks, before any value is known, that a suite gets the parameters it needs and none that it does not know.
 *
 * @param given names of the parameters that the gate's header gives, or whoever asks from a shell.
 */
export function checkParameters(suite: Suite, given: readonly string[]): readonly SuiteProblem[] {
  const used = usedParameters(suite);
  const known = [...new Set([...given, ...Object.keys(suite.parameters)])];
  const missing = suite.expectations.flatMap(({ index, uses }) =>
    uses.flatMap((use) =>
      use.names
        .filter((name) => !known.includes(name) && !Object.hasOwn(use.own, name))
        .map((name) => ({
          file: suite.file,
          pointer: jsonPointer('expectations', index, 'kwargs', use.argument),
          problem: `parameter \`${name}\` has no value`,
          expected: 'a value',
          hint: `Give it in the gate's header under parameters, to weir validate as --parameter ${name}=…, or as a default under suite_parameters. ${didYouMean(name, known)}`.trim(),
        })),
    ),
  );
  const needless = given
    .filter((name) => !used.includes(name))
    .map((name) => ({
      file: suite.file,
      pointer: '',
      problem: `parameter \`${name}\` is given and used by nothing`,
      expected: used.length === 0 ? 'no parameter' : `one of ${used.join(', ')}`,
      hint: didYouMean(name, used),
    }));
  return [...missing, ...needless];
}

/** An expectation's arguments with every parameter in place, or why that failed. */
export type ResolvedKwargs =
  | { readonly kwargs: JsonObject; readonly problem: null }
  | { readonly kwargs: null; readonly problem: string };

/** Where the values of parameters come from. */
export interface ParameterValues {
  readonly values: JsonObject;
  /** Names of those whose value is the column of a query: a list of one is that one, where no list is asked for. */
  readonly queried?: ReadonlySet<string>;
  /** Of the queried ones those that read a column marked personal. */
  readonly personal?: ReadonlySet<string>;
  /** ISO 8601: what `now()` is. */
  readonly asOf: string;
}

/**
 * Puts the values in an expectation's arguments. Values come from beside the parameter, else from the run, else from
 * the suite's own `suite_parameters`.
 */
export function resolveKwargs(
  suite: Suite,
  expectation: SuiteExpectation,
  { values, queried = new Set(), asOf }: ParameterValues,
): ResolvedKwargs {
  const now = parseInstant(asOf);
  if (now === null) throw new RangeError(`as of ${asOf} is not ISO 8601`);
  const resolved: Record<string, Json> = { ...expectation.kwargs };
  for (const use of expectation.uses) {
    const given = (name: string): Json | undefined =>
      [use.own, values, suite.parameters].find((scope) => Object.hasOwn(scope, name))?.[name];
    const single = (name: string): Json | undefined => {
      const value = given(name);
      return queried.has(name) && isList(value) && value.length === 1 ? value[0] : value;
    };
    const listed = acceptsList(expectation.kind.properties[use.argument]);
    try {
      resolved[use.argument] = resolveUse(use, listed ? given : single, { now, parameter: single });
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return { kwargs: null, problem: `${use.argument}: ${error.message}` };
    }
  }
  return { kwargs: resolved, problem: null };
}

function resolveUse(
  { expression }: ParameterUse,
  whole: (name: string) => Json | undefined,
  scope: Scope,
): Json {
  if (expression.kind === 'name') {
    const value = whole(expression.name);
    if (isParameter(value)) {
      const other = JSON.stringify(value);
      throw new ExpressionError(
        `\`${expression.name}\` is itself a parameter, ${other}: give it a plain value`,
      );
    }
    if (value !== undefined) return value;
  }
  const value = evaluate(expression, scope);
  if (typeof value === 'number') return value;
  if (value.kind === 'duration')
    throw new ExpressionError('a length of time is no value an expectation compares with');
  const text = formatInstant(value);
  if (parseInstant(text) === null) throw new ExpressionError('the time lies outside the years 1 to 9999');
  return text;
}

/**
 * Parameters of an expectation whose values may not be told: of what a query gave, what is made of a column marked personal,
 * and any text, which is some row's. Numbers, times and how many values a set has are aggregates like any other.
 *
 * @param kwargs with the values in place; null where they do not fit: then none that was asked for is told.
 */
export function withheldParameters(
  { uses }: Pick<SuiteExpectation, 'uses'>,
  kwargs: JsonObject | null,
  { queried = new Set(), personal = new Set() }: Pick<ParameterValues, 'queried' | 'personal'>,
): readonly string[] {
  const withheld = uses.flatMap(({ argument, names, own }) => {
    const asked = names.filter((name) => queried.has(name) && !Object.hasOwn(own, name));
    const value = kwargs?.[argument];
    const isText = typeof value === 'string' && !isNumberText(value) && parseInstant(value) === null;
    return asked.filter((name) => personal.has(name) || kwargs === null || isText);
  });
  return [...new Set(withheld)];
}
