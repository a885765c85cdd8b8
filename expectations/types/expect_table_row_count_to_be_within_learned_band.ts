import { defineExpectation } from '../define-expectation.ts';
import {
  checkLearnable,
  judgeLearned,
  learnedProperties,
  learnedWords,
  pastFigures,
} from '../learned-band.ts';
import type { LearnedKwargs } from '../learned-band.ts';
import { countOf, grouped } from '../measured.ts';

const FIGURE = 'rows';
/** Share of the median. */
const LEAST = 0.2;

const past = { [FIGURE]: [1020, 990, 1000, 1010, 980] };

/** The batch has about as many rows as this hour of the week used to have. */
export default defineExpectation<LearnedKwargs>({
  type: 'expect_table_row_count_to_be_within_learned_band',
  docs: {
    promise:
      'The batch has about as many rows as earlier loads of the same gate in the same hour of the week (UTC, by the start of its data interval, else its as-of time). Only loads that passed or were published teach; a load that was looked at twice teaches once. Too few of them: it says so, and `until_learned` decides.',
    empty: 'An empty window is not gated; an empty batch has 0 rows, and is judged by that.',
    nulls: 'Rows count, whatever is in them.',
    source: 'https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h.htm',
  },
  properties: learnedProperties(
    `Half of the band is never less than this share of the median; default ${LEAST}.`,
  ),
  required: [],
  mostly: false,
  needs: ['past'],
  check: checkLearnable,
  learns: () => FIGURE,
  columns: () => [],
  measure: (kwargs, scan) => ({ rows: scan.count(), past: pastFigures(kwargs, scan, FIGURE) }),
  judge: (kwargs, measured) =>
    judgeLearned(kwargs, measured, {
      figure: countOf(measured, 'rows'),
      // What arrives by chance varies by the root of its count.
      noise: Math.sqrt,
      least: (median) => (kwargs.min_width ?? LEAST) * median,
      shown: (rows) => `${grouped(Math.round(rows))} rows`,
    }),
  describe: (kwargs) => `the number of rows ${learnedWords(kwargs)}`,
  examples: [
    {
      title: 'far fewer than in the weeks before',
      columns: { id: 'integer' },
      rows: [['1'], ['2']],
      kwargs: {},
      around: { past },
      success: false,
      result: {
        observed_value: 2,
        details: { samples: 5, judged: true, median: 1000, low: 800, high: 1200 },
      },
    },
    {
      title: 'two samples are too few to judge by, and it says so',
      columns: { id: 'integer' },
      rows: [['1'], ['2']],
      kwargs: { weeks: 4 },
      around: { past: { [FIGURE]: [1020, 990] } },
      success: true,
      result: { observed_value: 2, details: { samples: 2, min_samples: 4, judged: false } },
    },
    {
      title: 'a gate without a past, where that is not good enough',
      columns: { id: 'integer' },
      rows: [['1']],
      kwargs: { until_learned: 'fail' },
      success: false,
      result: { details: { samples: 0, judged: false } },
    },
  ],
});
