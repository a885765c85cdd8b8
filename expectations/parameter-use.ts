import { callsIn, isBuiltIn, namesIn, parseExpression } from './expression.ts';
import type { Expression } from './expression.ts';
import { ExpressionError } from './expression-tokens.ts';
import { functionNames } from './expression-value.ts';
import { isList, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import type { Problems } from './problem.ts';
import { didYouMean } from './suggestion.ts';

/** One argument whose value comes with the run: `{"$PARAMETER": "now() - timedelta(minutes=lag)"}`. */
export interface ParameterUse {
  /** The argument's name. */
  readonly argument: string;
  readonly text: string;
  readonly expression: Expression;
  /** Parameters it needs, each once. */
  readonly names: readonly string[];
  /** Values written beside it (`"$PARAMETER.lag": 5`); they win over all others, as in Great Expectations. */
  readonly own: JsonObject;
}

const KEY = '$PARAMETER';
/** Arguments that say what is asked of which rows; they have to be known before a run. */
export const fixedArguments: readonly string[] = [
  'column',
  'column_A',
  'column_B',
  'row_condition',
  'condition_parser',
  'result_format',
];

/** True for `{"$PARAMETER": …}`. */
export function isParameter(value: Json | undefined): value is JsonObject {
  return isObject(value) && KEY in value;
}

/** Reads the parameters of an expectation's arguments; what is wrong with them goes to `problems`. */
export function parseParameters(
  kwargs: JsonObject,
  problems: Problems,
  fixed: readonly string[] = [],
): readonly ParameterUse[] {
  return Object.entries(kwargs).flatMap(([argument, value]) => {
    const here = problems.at(argument);
    if (!isParameter(value)) {
      refuseInside(value, here);
      return [];
    }
    if (fixedArguments.includes(argument) || fixed.includes(argument)) {
      here.add(`\`${argument}\` cannot be a parameter`, `a plain value`);
      return [];
    }
    const use = parseUse(argument, value, here);
    return use === null ? [] : [use];
  });
}

function parseUse(argument: string, value: JsonObject, problems: Problems): ParameterUse | null {
  const text = value[KEY];
  if (typeof text !== 'string') {
    problems.at(KEY).add('a parameter is named by text', 'a name or an expression');
    return null;
  }
  const own: Record<string, Json> = {};
  for (const [key, given] of Object.entries(value)) {
    if (key.startsWith(`${KEY}.`)) own[key.slice(KEY.length + 1)] = given;
    else if (key !== KEY) problems.at(key).add(`\`${key}\` is not known beside ${KEY}`, `only ${KEY}`);
  }
  try {
    const expression = parseExpression(text);
    const names = [...new Set(namesIn(expression))];
    const unknown = callsIn(expression).filter((name) => !functionNames.includes(name));
    for (const name of unknown) {
      problems.add(
        `there is no function \`${name}\``,
        `one of ${functionNames.join(', ')}`,
        didYouMean(name, functionNames),
      );
    }
    if (isConstant(expression))
      problems.add(`\`${text}\` names no parameter`, 'a parameter, or the plain value itself');
    return { argument, text, expression, names, own };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    problems.add(error.message, 'a name, or an expression such as now() - timedelta(minutes=5)');
    return null;
  }
}

/** A lone literal is refused, as Great Expectations does: written as a parameter it is a slip. */
function isConstant(expression: Expression): boolean {
  if (expression.kind === 'number' || expression.kind === 'interval') return true;
  return expression.kind === 'name' && expression.name !== 'now' && isBuiltIn(expression.name);
}

/** A parameter may be an argument as a whole, never a part of one. */
function refuseInside(value: Json, problems: Problems): void {
  if (isParameter(value)) {
    problems.add(
      `${KEY} stands inside an argument`,
      'a parameter as the whole argument',
      'Make the whole list a parameter.',
    );
  } else if (isList(value)) {
    value.forEach((item, index) => refuseInside(item, problems.at(index)));
  } else if (isObject(value)) {
    for (const [name, item] of Object.entries(value)) refuseInside(item, problems.at(name));
  }
}
