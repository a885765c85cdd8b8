import { jsonPointer } from './json.ts';

/** One thing wrong with a suite, where, and what to do about it. */
export interface SuiteProblem {
  readonly file: string;
  /** JSON pointer of what is wrong; empty for the whole file. */
  readonly pointer: string;
  readonly problem: string;
  readonly expected: string;
  /** What to do; empty where nothing better is known than what was expected. */
  readonly hint: string;
}

/** Nobody reads more at once, and a large file that is wrong throughout would take minutes to tell so. */
const MOST_PROBLEMS = 100;

/** Thrown when a suite cannot be used. Never a part of it: an expectation that is left out is a gate left open. */
export class SuiteRefused extends Error {
  override readonly name = 'SuiteRefused';
  readonly problems: readonly SuiteProblem[];

  constructor(problems: readonly SuiteProblem[]) {
    const more = problems.length < MOST_PROBLEMS ? [] : ['There may be more: mend these first.'];
    super([...problems.map(problemText), ...more].join('\n'));
    this.problems = problems;
  }
}

/** A problem as one line. */
export function problemText({ file, pointer, problem, expected, hint }: SuiteProblem): string {
  return `${file}${pointer === '' ? '' : ` ${pointer}`}: ${problem}. Expected: ${expected}.${hint === '' ? '' : ` ${hint}`}`;
}

/** Collects problems of one place; `at` goes a step deeper. */
export interface Problems {
  readonly add: (problem: string, expected: string, hint?: string) => void;
  readonly at: (...steps: readonly (string | number)[]) => Problems;
  /** The same with a pointer that is already written. */
  readonly under: (pointer: string) => Problems;
  /** Whether so many were found that looking for more is of no use: the file is refused as it is. */
  readonly areMany: () => boolean;
}

/** Problems of a file, added to `found`. */
export function collectProblems(file: string, found: SuiteProblem[], pointer = ''): Problems {
  return {
    add: (problem, expected, hint = '') => found.push({ file, pointer, problem, expected, hint }),
    at: (...steps) => collectProblems(file, found, pointer + jsonPointer(...steps)),
    under: (inner) => collectProblems(file, found, pointer + inner),
    areMany: () => found.length >= MOST_PROBLEMS,
  };
}
