import type { Json } from './json.ts';
import type { Problems } from './problem.ts';
import { comparators } from './row-condition.ts';
import type { RowCondition } from './row-condition.ts';

/** Parsers of Great Expectations whose text it understands itself; the others hand theirs to pandas or Spark. */
const OWN_PARSERS: readonly Json[] = ['great_expectations', 'great_expectations__experimental__'];
const NUMBER = String.raw`(?<number>[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)`;
const TEXT = String.raw`(?:(?<open>["'])(?<text>[^"']+)\k<open>)`;
const DATE = String.raw`(?:date\s*\(\s*(?<around>["'])(?<date>[^"']+)\k<around>\s*\))`;
const LEGACY = new RegExp(
  String.raw`^\s*col\(\s*"(?<column>[^"]+)"\s*\)\s*(?:(?<notnull>\.[nN][oO][tT][nN][uU][lL][lL]\(\))|(?<operator>==|!=|<=|>=|<|>)\s*(?:${NUMBER}|${TEXT}|${DATE}))\s*(?<rest>[^]*)$`,
);

/**
 * Reads the older form of a row condition: `col("qty") > 1`, `col("status") == "paid"`, `col("status").notnull()`,
 * `col("day") >= date("2024-01-01")`.
 *
 * Text after that is refused. Great Expectations silently leaves it out: of `a and b` it reads `a`.
 */
export function parseLegacyCondition(text: string, parser: Json, problems: Problems): RowCondition | null {
  const expected = 'col("qty") > 1, col("status") == "paid" or col("status").notnull()';
  if (!OWN_PARSERS.includes(parser)) {
    problems.add(
      'text of this condition parser is no SQL',
      '"condition_parser": "great_expectations", or a condition object',
    );
    return null;
  }
  const groups = LEGACY.exec(text)?.groups;
  const { column, notnull, operator, number, rest } = groups ?? {};
  const value = groups?.['text'] ?? groups?.['date'];
  if (column === undefined) {
    problems.add('the condition cannot be read', expected);
    return null;
  }
  if (rest !== undefined && rest !== '') {
    problems.add(
      'text after the first comparison, which Great Expectations would ignore',
      'one comparison',
      'Write {"type": "and", "conditions": […]}.',
    );
    return null;
  }
  if (notnull !== undefined) return { kind: 'nullity', column, isNull: false };
  const known = comparators.find((one) => one === operator);
  if (known === undefined || (number === undefined && value === undefined)) {
    problems.add('the condition cannot be read', expected);
    return null;
  }
  return {
    kind: 'comparison',
    column,
    operator: known,
    value: number === undefined ? (value ?? '') : Number(number),
  };
}
