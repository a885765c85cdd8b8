import { grouped } from './measured.ts';
import { collectProblems, SuiteRefused } from './problem.ts';
import type { SuiteProblem } from './problem.ts';
import { parseExpectation } from './suite-expectation.ts';
import type { Suite } from './suite.ts';

/** How few rows a model's next publish may have. */
export interface ShrinkLimit {
  /** Rows that are published now. */
  readonly published: number;
  /** Rows that there must be at least. */
  readonly least: number;
  /** Share of the published rows, 0 to 1, that may go away: `max_shrink` of the header. */
  readonly share: number;
  /** The model's file. */
  readonly file: string;
}

/**
 * A suite with one more promise at its end, which the model's header makes: the table does not shrink by more than it
 * allows. Critical, and it holds whatever suite and gate say of their failures.
 */
export function withShrinkLimit(suite: Suite, { published, least, share, file }: ShrinkLimit): Suite {
  const origin = `max_shrink: ${share} in ${file}; ${grouped(published)} rows are published`;
  const written = {
    type: 'expect_table_row_count_to_be_between',
    kwargs: { min_value: least },
    severity: 'critical',
    description: `A load that takes more rows away than the header allows is held (${origin}).`,
    meta: { weir: { on_failure: 'hold' } },
  };
  const found: SuiteProblem[] = [];
  const read = parseExpectation(written, suite.expectations.length, collectProblems(file, found));
  if (read === null || found.length > 0) throw new SuiteRefused(found);
  return { ...suite, expectations: [...suite.expectations, { ...read, origin }] };
}
