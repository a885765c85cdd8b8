import { describe, expect, it } from 'vitest';
import { choosePoint, latestPoints } from '../../../cli/reset/choose-point.ts';
import type { ResetPoint } from '../../../cli/reset/points.ts';
import { stepName } from '../../../workflows/step-name.ts';

const SUMMARIES: readonly (readonly [string, number])[] = [
  ['plan hourly load as of 2017-01-02T09:00:00.000Z', 4],
  ['extract raw_transactions', 10],
  ['open stg_transactions', 16],
  ['open stg_transactions_late', 16],
  ['gate stg_transactions · input · suite transactions', 22],
  ['gate stg_transactions · input · suite transactions', 31],
  ['stage stg_transactions', 37],
  ['gate stg_transactions · output · suite stg_transactions · 9 rows', 43],
  ['gate fct_daily_sales · output · suite fct_daily_sales · 2 rows', 49],
];

const points: readonly ResetPoint[] = SUMMARIES.map(([summary, eventId]) => ({
  step: stepName(summary) ?? '',
  summary,
  eventId,
  at: '2017-01-02T09:00:00.000Z',
}));

describe('the step that is meant', () => {
  it.each([
    ['plan', 4],
    ['open stg_transactions', 16],
    ['gate stg_transactions · input', 31],
    ['gate stg_transactions', 43],
    [' gate fct', 49],
    ['stage', 37],
    ['22', 22],
  ])('"%s" is at event %i', (to, eventId) => {
    expect(choosePoint(points, to)).toMatchObject({ point: { eventId } });
  });

  it('is whole words before parts of them', () => {
    expect(choosePoint(points, 'open stg_transactions')).toMatchObject({
      point: { step: 'open stg_transactions' },
    });
  });

  it.each([
    ['gate', '"gate" fits gate stg_transactions, gate fct_daily_sales: name one'],
    ['open stg', '"open stg" fits open stg_transactions, open stg_transactions_late'],
    ['gate stg_transaction_', 'it has no step "gate stg_transaction_". Did you mean'],
    ['23', 'no step begins at event 23'],
  ])('"%s" is none: %s', (to, problem) => {
    expect(choosePoint(points, to)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('is listed once, as it was done last', () => {
    expect(latestPoints(points).map(({ eventId }) => eventId)).toEqual([4, 10, 16, 16, 31, 37, 43, 49]);
  });
});

describe('the name of a step', () => {
  it.each([
    ['plan hourly load as of 2017-01-02T09:00:00.000Z', 'plan hourly load'],
    ['extract raw_transactions again', 'extract raw_transactions'],
    ['publish stg_transactions · 9 rows · OVERRIDDEN', 'publish stg_transactions'],
    ['gate m · output · suite s · 9 rows', 'gate m · output'],
    ['PAGE m held: 1 of 8 promises broken', null],
    ['hold m: 1 of 8 promises broken', null],
  ])('of "%s" is %s', (summary, name) => {
    expect(stepName(summary)).toBe(name);
  });
});
