import { describe, expect, test } from 'vitest';
import { judgePromises } from '../../../catalogue/read/judged-promises.ts';
import type { AskedPromise } from '../../../catalogue/read/promise-history.ts';
import type { PromiseWords } from '../../../catalogue/read/suite-promises.ts';

const promised = (place: number, column: string | null, words: string, more: Partial<PromiseWords> = {}) => ({
  ...{ place, column, words, type: 'expect_something', meaning: '', severity: 'critical' as const },
  ...{ onFailure: 'hold' as const, quarantineShare: null, condition: null, mostly: null, why: null },
  ...{ parameters: [], rowLevel: true },
  ...more,
});

const asked = (place: number, column: string | null, more: Partial<AskedPromise> = {}): AskedPromise => ({
  ...{ promiseId: place + 100, place, column, type: 'expect_something', key: `k${place}`, unit: null },
  ...{ evaluationId: 7, verdictId: 'v', at: new Date(0), outcome: 'broken', severity: 'critical' },
  ...{ unexpected: 1, elements: 57, observed: null, lower: 1, upper: null },
  ...more,
});

const words = (...all: Parameters<typeof judgePromises>) =>
  judgePromises(...all).broken.map((one) => [one.words, one.asked?.place ?? null]);

describe('what a verdict says, what was counted and what the suite says now', () => {
  test('go together by column and severity, the loudest first', () => {
    const told = ['critical store_id: store_id not null', 'warning : row count between 100 and 20000'];
    const found = [
      asked(0, null, { severity: 'warning', unexpected: null, elements: null, observed: 57 }),
      asked(3, 'store_id'),
    ];
    expect(words([], told, found, new Map())).toEqual([
      ['store_id not null', 3],
      ['row count between 100 and 20000', 0],
    ]);
  });

  test('of two promises about one column each has its own words', () => {
    const told = ['critical amount: amount above 0', 'critical amount: amount present'];
    const suite = [promised(1, 'amount', 'amount present'), promised(2, 'amount', 'amount above limit')];
    const found = [asked(2, 'amount'), asked(1, 'amount')];
    expect(words(suite, told, found, new Map())).toEqual([
      ['amount present', 1],
      ['amount above 0', 2],
    ]);
  });

  test('a promise that a column is there is told as one about the table, and listed once', () => {
    const told = ['critical : column region there'];
    const suite = [promised(1, 'region', 'column region there')];
    expect(words(suite, told, [asked(1, 'region')], new Map())).toEqual([['column region there', 1]]);
  });

  test('a suite that has changed since is not believed about a place', () => {
    const told = ['critical store_id: store_id not null'];
    const suite = [promised(3, 'region', 'region not null', { onFailure: 'continue' })];
    const [one] = judgePromises(suite, told, [asked(3, 'store_id')], new Map()).broken;
    expect(one).toMatchObject({ words: 'store_id not null', inSuite: null, onFailure: null });
  });

  test('what was not counted stands by its words alone, with a condition and with colons in them', () => {
    const told = ['critical a, b: a at least b, where x: y == 1', 'info : no: colon'];
    const suite = [promised(4, 'a, b', 'a at least b', { condition: 'x: y == 1' })];
    const { broken } = judgePromises(suite, told, [], new Map());
    expect(broken).toMatchObject([
      { words: 'a at least b, where x: y == 1', column: 'a, b', asked: null, inSuite: { place: 4 } },
      { words: 'no: colon', column: null, severity: 'info', inSuite: null },
    ]);
  });

  test('what could not be evaluated holds, though its rows would go aside', () => {
    const suite = [promised(3, 'store_id', 'store_id not null', { onFailure: 'quarantine' })];
    const found = [asked(3, 'store_id', { outcome: 'errored' })];
    expect(judgePromises(suite, null, found, new Map()).broken).toMatchObject([
      { words: 'store_id not null', onFailure: 'hold' },
    ]);
  });

  test('what held is apart', () => {
    const { broken, kept } = judgePromises([], [], [asked(1, 'a', { outcome: 'held' })], new Map());
    expect([broken.length, kept.length]).toEqual([0, 1]);
  });
});
