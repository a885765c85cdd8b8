import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { PublishedTable } from '../../../expectations/batch-context.ts';
import { createScan } from '../../../expectations/scan.ts';
import type { CatalogueColumn } from '../../../expectations/scan.ts';
import nullShare from '../../../expectations/types/expect_column_null_share_to_be_within_learned_band.ts';
import fresh from '../../../expectations/types/expect_column_max_to_be_fresh.ts';
import unique from '../../../expectations/types/expect_compound_columns_to_be_unique_in_published.ts';
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

  test.each([{ weeks: 3 }, { min_samples: 9 }, { weeks: 12, min_samples: 13 }])(
    '%j could never be judged, and is refused',
    (kwargs) => {
      for (const [kind, more] of [
        [rows, {}],
        [nullShare, { column: 'store_id' }],
      ] as const) {
        expect(kind.problems({ ...kwargs, ...more })).toMatchObject([
          { problem: expect.stringMatching(/each week teaches once/) },
        ]);
        expect(kind.bind({ ...kwargs, ...more })).toBeNull();
      }
    },
  );

  test('may be said in full', () => {
    const kwargs = { weeks: 52, width: 3.5, min_width: 0, min_samples: 2, until_learned: 'fail' };
    expect(rows.problems(kwargs)).toEqual([]);
  });
});

describe('which published row is the row itself', () => {
  const text = (name: string): CatalogueColumn => ({ name, type: 'text', category: 'text' });
  const table: PublishedTable = {
    relation: ['silver', 'members'],
    columns: [text('member_id'), text('card')],
    indexed: new Set(['card']),
    identity: { kind: 'key', columns: ['member_id'] },
    retracted: [],
    isCandidate: false,
  };

  const measure = (published: PublishedTable): unknown => {
    const context = { published, past: new Map(), physical: true };
    const around = { asOf: '2017-01-01T00:00:00Z', context, condition: null, orderBy: null, isWhole: true };
    const columns = new Map([['card', text('card')]]);
    const scan = createScan(sql.id('delta', 'raw_members'), columns, null, 'delta', around);
    return unique.bind({ column_list: ['card'] })?.measure(scan);
  };

  test('cannot be told where the batch has no key: each would be a double of itself', () => {
    expect(() => measure(table)).toThrow(
      'which rows of silver.members are the same cannot be told without member_id: ask it in the output gate',
    );
  });

  test('does not matter where nothing has been published', () => {
    expect(measure({ ...table, columns: null })).toHaveProperty('unexpected');
  });

  test('nobody knows of any other table: each is another', () => {
    expect(measure({ ...table, identity: null })).toHaveProperty('unexpected');
  });
});
