import { describe, expect, test } from 'vitest';
import { durationDays, durationSeconds } from '../../models/duration.ts';

describe('a length of time', () => {
  test.each([
    ['75 minutes', 4500],
    ['1 minute', 60],
    ['5min', 300],
    ['2 h', 7200],
    ['1 hour', 3600],
    ['3 days', 259_200],
  ])('%s is %i seconds', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  test.each(['', '0 h', '1.5 h', '90', '2 weeks', '1 h 30 m', '-1 h'])('%j is none', (text) => {
    expect(() => durationSeconds(text)).toThrow('no length of time');
  });

  test('of days is counted in days', () => {
    expect([durationDays('90 days'), durationDays('1 d')]).toEqual([90, 1]);
  });
});
