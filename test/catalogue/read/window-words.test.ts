import { expect, test } from 'vitest';
import { windowWords } from '../../../catalogue/read/window-words.ts';

const bounds = { from: '5:5:', to: '9:9:' };

test('says what each kind of window read', () => {
  const words = (window: unknown): string => windowWords(window);
  expect(words({ kind: 'arrival', deltas: { raw_transactions: bounds } })).toBe(
    'by arrival: what was new in raw_transactions',
  );
  expect(
    words({ kind: 'arrival', deltas: { a: { from: null, to: '9:9:' }, b: { from: null, to: '9:9:' } } }),
  ).toBe('by arrival: everything in a, b, for the first time');
  expect(words({ kind: 'arrival', rebuild: true, deltas: { a: { from: null, to: '9:9:' } } })).toBe(
    'rebuild: everything in a',
  );
  expect(words({ kind: 'whole' })).toBe('whole: everything that it reads');
  expect(words({ kind: 'arrival', replayOf: 12, deltas: { a: bounds } })).toBe(
    'replay of load 12: by arrival: what was new in a',
  );
});

test('an interval says its day once where it is one', () => {
  const interval = (start: string, end: string): string =>
    windowWords({ kind: 'interval', start, end, to: '9:9:', deltas: ['a'] });
  expect(interval('2017-01-02T08:00:00Z', '2017-01-02T09:00:00Z')).toBe(
    'interval: 2017-01-02 08:00 to 09:00 UTC of a',
  );
  expect(interval('2017-01-02T08:00:00Z', '2017-01-03T08:00:00Z')).toBe(
    'interval: 2017-01-02 08:00 to 2017-01-03 08:00 UTC of a',
  );
});

test('a window of another version is no reason for a page without loads', () => {
  expect(windowWords({ kind: 'by moonlight' })).toBe('a window that this version does not know');
  expect(windowWords(null)).toBe('a window that this version does not know');
});
