import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatInstant, instantOf, parseInstant } from '../../expectations/instant.ts';

test('agrees with the platform about every moment that is exact in microseconds', () => {
  const earliest = new Date('0001-01-01T00:00:00Z');
  const latest = new Date('2255-01-01T00:00:00Z');
  fc.assert(
    fc.property(fc.date({ min: earliest, max: latest, noInvalidDate: true }), (date) => {
      const instant = parseInstant(date.toISOString());
      expect(instant?.micros).toBe(date.getTime() * 1000);
      expect(instant && new Date(formatInstant(instant)).getTime()).toBe(date.getTime());
    }),
  );
});

test.each([
  ['2017-01-01', '2017-01-01T00:00:00+00:00'],
  ['2017-01-01 10:00', '2017-01-01T10:00:00+00:00'],
  ['2017-01-01T10:00:00.123456+05:30', '2017-01-01T04:30:00.123456+00:00'],
  ['2017-01-01T10:00:00-01', '2017-01-01T11:00:00+00:00'],
])('%s is %s', (text, iso) => {
  const instant = parseInstant(text);
  expect(instant && formatInstant(instant)).toBe(iso);
});

test.each(['', 'today', '2017-02-30', '2017-13-01', '2017-01-01T24:00:00', '17-01-01', '2017-01-01Z'])(
  '%s is no time',
  (text) => {
    expect(parseInstant(text)).toBeNull();
  },
);

test('parts that name no time', () => {
  expect(instantOf({ year: 2017, month: 1, day: 1.5 })).toBeNull();
  expect(instantOf({ year: 2017, month: 1, day: 1, minute: 60 })).toBeNull();
});
