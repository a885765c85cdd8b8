import { colours } from './colours.ts';
import type { Evaluation } from '../activities/gate/evaluate.ts';
import { isAskable } from '../expectations/compile.ts';
import type { Entry } from '../expectations/compile.ts';
import { promiseWords } from '../expectations/judge.ts';
import type { JudgedEntry } from '../expectations/judge.ts';
import { grouped } from '../expectations/measured.ts';
import type { Suite } from '../expectations/suite.ts';

/** What a suite found, one line a promise in the suite's order, and a last line that sums it up. */
export function validationText(suite: Suite, { rows, judged }: Evaluation, milliseconds: number): string {
  const lines = judged.map(lineOf);
  const widths = [0, 1].map((column) => Math.max(...lines.map((line) => (line.cells[column] ?? '').length)));
  const failed = judged.filter(({ success }) => !success).length;
  return [
    ...lines.map(({ paint, mark, cells: [severity = '', promise = '', found = ''] }) =>
      `${paint(mark)} ${severity.padEnd(widths[0] ?? 0)}  ${promise.padEnd(widths[1] ?? 0)}  ${found}`.trimEnd(),
    ),
    '',
    `${suite.name}: ${judged.length - failed} of ${judged.length} promises hold for ${grouped(rows)} ${rows === 1 ? 'row' : 'rows'} (${Math.round(milliseconds)} ms)`,
    '',
  ].join('\n');
}

interface Line {
  readonly paint: (text: string) => string;
  readonly mark: string;
  readonly cells: readonly string[];
}

function lineOf({ entry, success, judgement, error }: JudgedEntry): Line {
  const { severity } = entry.expectation;
  const cells = [severity, promiseWords(entry)];
  if (error !== null)
    return {
      paint: colours.red,
      mark: 'error',
      cells: [...cells, `could not be evaluated: ${error.message}`],
    };
  const found = `${judgement?.observed ?? ''}${proofWords(entry)}`;
  if (success) return { paint: colours.green, mark: 'ok   ', cells: [...cells, found] };
  const paint = severity === 'critical' ? colours.red : colours.yellow;
  return { paint, mark: 'fails', cells: [...cells, found] };
}

function proofWords(entry: Entry): string {
  return isAskable(entry) && entry.proof !== null ? ` (proved by ${entry.proof.text})` : '';
}
