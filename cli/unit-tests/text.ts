import { colours } from '../colours.ts';
import type { Difference, TextRow } from '../../models/compare-rows.ts';
import type { TestResult } from './run-test.ts';

/** Most differences of a test that are shown. */
const MOST = 10;

/** One line a test; of one that failed where it stands and how what was found differs. */
export function testsText(results: readonly TestResult[], untested: readonly string[]): string {
  const failed = results.filter(({ passed }) => !passed).length;
  const models = [...new Set(results.map(({ model }) => model))];
  const lines = models.flatMap((model) => [
    model,
    ...results.filter((one) => one.model === model).flatMap(resultLines),
  ]);
  const sum = `${results.length - failed} passed, ${failed} failed`;
  const without = untested.length === 0 ? [] : [`without a test: ${untested.join(', ')}`];
  return `${[...lines, '', sum, ...without].join('\n')}\n`;
}

function resultLines({ test, passed, differences, error }: TestResult): readonly string[] {
  if (passed) return [`  ${colours.green('ok   ')} ${test.name}`];
  const more = differences.length - MOST;
  return [
    `  ${colours.red('fails')} ${test.name}`,
    `        ${test.file}:${test.line}`,
    ...(error === null ? [] : [`        ${error}`]),
    ...differences.slice(0, MOST).flatMap(differenceLines),
    ...(more > 0 ? [`        and ${more} more`] : []),
  ];
}

function differenceLines(difference: Difference): readonly string[] {
  switch (difference.kind) {
    case 'missing':
      return [`        missing     ${rowText(difference.expected)}`];
    case 'unexpected':
      return [`        unexpected  ${rowText(difference.found)}`];
    case 'differs': {
      const { expected, found, columns } = difference;
      const same = Object.fromEntries(Object.entries(expected).filter(([name]) => !columns.includes(name)));
      return [
        `        differs     ${rowText(same)}`,
        ...columns.map(
          (name) =>
            `          ${name}: expected ${valueText(expected[name])}, found ${valueText(found[name])}`,
        ),
      ];
    }
  }
}

function rowText(row: TextRow): string {
  const cells = Object.entries(row).map(([name, value]) => `${name}: ${valueText(value)}`);
  return `{${cells.join(', ')}}`;
}

/** Quoted where it would otherwise be read wrongly: nothing, blanks at an end, the word NULL. */
function valueText(value: string | null | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  return value === '' || value === 'NULL' || value !== value.trim() ? JSON.stringify(value) : value;
}
