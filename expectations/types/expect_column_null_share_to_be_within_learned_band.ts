import { columnProperty } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import {
  checkLearnable,
  judgeLearned,
  learnedProperties,
  learnedWords,
  pastFigures,
} from '../learned-band.ts';
import type { LearnedKwargs } from '../learned-band.ts';
import { countOf } from '../measured.ts';

interface NullShareKwargs extends LearnedKwargs {
  readonly column: string;
}

/** A share: one row in a hundred. */
const LEAST = 0.01;

function figureOf({ column }: NullShareKwargs): string {
  return `share of NULLs in ${column}`;
}

/** The standard deviation of a share of `rows` rows; two more of either kind keep it above 0 where none were seen. */
function chance(share: number, rows: number): number {
  const likely = (share * rows + 2) / (rows + 4);
  return Math.sqrt((likely * (1 - likely)) / (rows + 4));
}

const past = { 'share of NULLs in customer_id': [0.2, 0.3, 0.25, 0.2] };

/** The share of rows without a value is about what this hour of the week used to have. */
export default defineExpectation<NullShareKwargs>({
  type: 'expect_column_null_share_to_be_within_learned_band',
  docs: {
    promise:
      'The share of rows without a value is about that of earlier loads of the same gate in the same hour of the week (UTC, by the start of its data interval, else its as-of time). Only loads that passed or were published teach; a load that was looked at twice teaches once. Too few of them: it says so, and `until_learned` decides.',
    empty: 'An empty batch has no share, and passes.',
    nulls: 'NULLs are what is counted.',
    source: 'https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h.htm',
  },
  properties: {
    column: columnProperty,
    ...learnedProperties(`Half of the band is never less than this share of the rows; default ${LEAST}.`),
  },
  required: ['column'],
  mostly: false,
  needs: ['past'],
  check: checkLearnable,
  learns: figureOf,
  columns: ({ column }) => [column],
  measure: (kwargs, scan) => ({
    rows: scan.count(),
    present: scan.present(scan.column(kwargs.column)),
    past: pastFigures(kwargs, scan, figureOf(kwargs)),
  }),
  judge: (kwargs, measured) => {
    const rows = countOf(measured, 'rows');
    return judgeLearned(kwargs, measured, {
      figure: rows === 0 ? null : (rows - countOf(measured, 'present')) / rows,
      noise: (median) => chance(median, rows),
      least: () => kwargs.min_width ?? LEAST,
      shown: (share) => `${Number((share * 100).toFixed(2))} % NULL`,
      highest: 1,
    });
  },
  describe: (kwargs) => `the share of NULLs in ${kwargs.column} ${learnedWords(kwargs)}`,
  examples: [
    {
      title: 'nobody has shown a card',
      columns: { customer_id: 'text' },
      rows: Array.from({ length: 40 }, () => [null]),
      kwargs: { column: 'customer_id' },
      around: { past },
      success: false,
      result: { observed_value: 1, details: { samples: 4, judged: true, median: 0.225 } },
    },
    {
      title: 'of four rows, one is no news',
      columns: { customer_id: 'text' },
      rows: [['C1'], [null], ['C2'], ['C3']],
      kwargs: { column: 'customer_id' },
      around: { past },
      success: true,
      result: { observed_value: 0.25 },
    },
    {
      title: 'a gate without a past is not yet judged',
      columns: { customer_id: 'text' },
      rows: [[null]],
      kwargs: { column: 'customer_id' },
      success: true,
      result: { observed_value: 1, details: { samples: 0, min_samples: 4, judged: false } },
    },
  ],
});
