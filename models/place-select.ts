import type { ModelProblem } from './model.ts';
import { parseSelect } from './sql-tree.ts';
import type { Select } from './sql-tree.ts';

/** A SELECT with the lines of its file instead of its own. */
export interface PlacedSelect extends Select {
  readonly text: string;
}

/** Parses a SELECT that begins on `firstLine` of the file, and refuses what no model may say. */
export function placeSelect(
  file: string,
  text: string,
  firstLine: number,
  problems: ModelProblem[],
): PlacedSelect | null {
  const parsed = parseSelect(text);
  const shift = (line: number): number => firstLine + line - 1;
  if (!('select' in parsed)) {
    problems.push({ file, ...parsed, line: shift(parsed.line) });
    return null;
  }
  const { select } = parsed;
  const moved = <T extends { readonly line: number }>(list: readonly T[]): readonly T[] =>
    list.map((one) => ({ ...one, line: shift(one.line) }));
  const placed = {
    ...select,
    text: selectText(text),
    relations: moved(select.relations),
    functions: moved(select.functions),
    clocks: moved(select.clocks),
    columns: moved(select.columns),
  };
  problems.push(...everySelect(file, placed));
  return placed;
}

const clockFunctions = new Set([
  'clock_timestamp',
  'statement_timestamp',
  'transaction_timestamp',
  'timeofday',
]);

function everySelect(file: string, select: PlacedSelect): readonly ModelProblem[] {
  const clocks = [
    ...select.clocks.filter((one) => /timestamp|date|time/.test(one.name)),
    ...select.functions.filter(
      (one) => clockFunctions.has(one.name) || (one.name === 'now' && one.schema !== null),
    ),
  ];
  return [
    ...clocks.map(({ line, name }) => ({
      file,
      line,
      problem: `the SQL reads the clock with ${name}`,
      mend: "Use now(): it is the run's as-of time.",
    })),
    ...select.relations
      .filter((one) => one.schema === null)
      .map(({ line, name }) => ({
        file,
        line,
        problem: `${name} has no schema`,
        mend: `Name it delta.${name} for the rows of the window, or <layer>.${name} for all of it.`,
      })),
  ];
}

/** A SELECT as it is sent: without what stands around it, and its semicolon. */
export function selectText(text: string): string {
  return text.trim().replace(/;\s*$/, '');
}
