import { describe, expect, test } from 'vitest';
import fresh from '../../../expectations/types/expect_column_max_to_be_fresh.ts';
import rows from '../../../expectations/types/expect_table_row_count_to_be_within_learned_band.ts';

describe('a span of time', () => {
  test.each(['5 minutes', '75 minutes', '1 hour 30 minutes', '0.5 days', '2 weeks', '0 seconds'])(
    '%s is read',
    (span) => {
      expect(fresh.problems({ column: 'at', max_age: span, max_ahead: span })).toEqual([]);
    },
  );

  test.each([
    '',
    '5',
    'minutes',
    '-5 minutes',
    '1 month',
    '5 minutes; select 1',
    '200 years',
    '99999999 days',
  ])('%j is refused before any SQL', (span) => {
    expect(fresh.problems({ column: 'at', max_age: span })).toMatchObject([
      { problem: '`max_age` is no span of time of up to 100 years, such as "5 minutes"' },
    ]);
    expect(fresh.bind({ column: 'at', max_age: span })).toBeNull();
  });
});

describe('what a band is learned from', () => {
  test.each([
    { weeks: 0 },
    { weeks: 53 },
    { width: 0 },
    { min_width: -1 },
    { min_samples: 1 },
    { until_learned: 'hold' },
  ])('%j is refused', (kwargs) => {
    expect(rows.problems(kwargs)).toHaveLength(1);
  });

  test('may be said in full', () => {
    const kwargs = { weeks: 52, width: 3.5, min_width: 0, min_samples: 2, until_learned: 'fail' };
    expect(rows.problems(kwargs)).toEqual([]);
  });
});
