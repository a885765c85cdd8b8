import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../../workflows/input.ts';

const defaults = {
  scheduledAt: null,
  startedAt: new Date('2017-01-02T08:05:09.000Z'),
  holdForMs: 43_200_000,
};

describe('readRequest', () => {
  it.each([undefined, null, {}])('does the usual thing with %j', (input) => {
    expect(readRequest(input, defaults)).toEqual({
      asOf: '2017-01-02T08:05:09.000Z',
      models: null,
      holdForMs: 43_200_000,
      interval: null,
      fullRefresh: [],
      replay: null,
      timeZone: null,
      dryRun: false,
    });
  });

  it('judges a scheduled run by its scheduled time', () => {
    const scheduledAt = new Date('2017-01-02T08:05:00.000Z');
    expect(readRequest({}, { ...defaults, scheduledAt }).asOf).toBe('2017-01-02T08:05:00.000Z');
  });

  it('reads every field', () => {
    const input = {
      asOf: '2017-01-02T09:00:00+01:00',
      models: ['stg_transactions'],
      holdFor: '90 minutes',
      intervalStart: '2017-01-01T00:00:00Z',
      intervalEnd: '2017-01-02T00:00:00Z',
    };
    expect(readRequest(input, defaults)).toEqual({
      asOf: '2017-01-02T08:00:00.000Z',
      models: ['stg_transactions'],
      holdForMs: 5_400_000,
      interval: { start: '2017-01-01T00:00:00.000Z', end: '2017-01-02T00:00:00.000Z' },
      fullRefresh: [],
      replay: null,
      timeZone: null,
      dryRun: false,
    });
    expect(readRequest({ fullRefresh: ['stg_transactions'] }, defaults).fullRefresh).toEqual([
      'stg_transactions',
    ]);
    expect(readRequest({ replay: 42 }, defaults).replay).toBe(42);
  });

  it.each([
    [['a list'], /the input is a list; give one JSON object/],
    ['hourly', /the input is string/],
    [{ asof: '2017-01-02T08:00:00Z' }, /unknown field asof; the fields are asOf, timeZone, models/],
    [{ asOf: '2017-01-02 08:00' }, /asOf is "2017-01-02 08:00"; give a time with its zone/],
    [{ models: 'stg_transactions' }, /models is not a list of names/],
    [{ models: [] }, /models is not a list of names/],
    [{ fullRefresh: 'stg_transactions' }, /fullRefresh is not a list of names/],
    [{ dryRun: 'yes' }, /dryRun is "yes"; give true or false/],
    [{ replay: '42' }, /replay is "42"; give the number of a load/],
    [{ replay: 42, fullRefresh: ['a'] }, /fullRefresh and replay each say what is read/],
    [{ holdFor: 'long' }, /holdFor is "long"; give a duration/],
    [{ holdFor: '0h' }, /holdFor is "0h"/],
    [{ intervalStart: '2017-01-02T08:00:00Z' }, /go together/],
    [{ intervalStart: '2017-01-02T08:00:00Z', intervalEnd: '2017-01-02T08:00:00Z' }, /is not before/],
  ])('refuses %j with its mend', (input, message) => {
    expect(() => readRequest(input, defaults)).toThrow(message);
  });

  it('answers anything with a request or an InvalidInput that names the field, never another error', () => {
    const time = fc.oneof(fc.constant('2017-01-02T08:00:00Z'), fc.string(), fc.jsonValue());
    const fields = fc.record(
      {
        asOf: time,
        timeZone: fc.oneof(fc.constant('Europe/Berlin'), fc.jsonValue()),
        models: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        holdFor: fc.oneof(fc.constantFrom('12h', '30 minutes', '0d', '1e9d'), fc.jsonValue()),
        intervalStart: time,
        intervalEnd: time,
        fullRefresh: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
        replay: fc.oneof(fc.integer(), fc.jsonValue()),
        dryRun: fc.oneof(fc.boolean(), fc.jsonValue()),
        other: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    let read = 0;
    fc.assert(
      fc.property(fc.oneof(fields, fc.jsonValue(), fc.anything()), (input) => {
        try {
          const request = readRequest(input, defaults);
          expect(new Date(request.asOf).toISOString()).toBe(request.asOf);
          expect(request.holdForMs).toBeGreaterThan(0);
          read += 1;
        } catch (error) {
          expect(error).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
          if (!(error instanceof Error)) throw error;
          const named = Object.keys(Object(input)).some((name) => error.message.includes(name));
          expect(named || /the input is (a list|\w+);/.test(error.message)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(10);
  });
});
