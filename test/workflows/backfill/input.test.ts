import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRAIN_MS } from '../../../models/grain.ts';
import { readBackfillInput } from '../../../workflows/backfill/input.ts';

const NOW = Date.parse('2026-11-22T09:30:00Z');

describe("a backfill's input", () => {
  it.each([undefined, null, {}])('%j means the hourly slots that were missed, four side by side', (input) => {
    expect(readBackfillInput(input, NOW)).toEqual({
      pipeline: 'hourly',
      range: null,
      models: null,
      width: 4,
      again: false,
      stopAfter: 1,
      newestFirst: false,
      dryRun: false,
      holdFor: '1h',
    });
  });

  it('reads days as midnight UTC, zones, and an end that is left out as the last interval that is over', () => {
    expect(readBackfillInput({ from: '2017-01-01', to: '2017-02-01' }, NOW).range).toEqual({
      from: '2017-01-01T00:00:00Z',
      to: '2017-02-01T00:00:00Z',
    });
    expect(readBackfillInput({ from: '2017-01-01T02:00:00+02:00' }, NOW).range).toEqual({
      from: '2017-01-01T00:00:00Z',
      to: '2026-11-22T09:00:00Z',
    });
    expect(readBackfillInput({ pipeline: 'daily', from: '2017-01-01' }, NOW).range?.to).toBe(
      '2026-11-22T00:00:00Z',
    );
  });

  it('takes whole grains and no others, and names the two beside', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('hourly' as const, 'daily' as const),
        fc.integer({ min: 0, max: NOW - 86_400_000 }),
        (pipeline, time) => {
          const grain = GRAIN_MS[pipeline];
          const from = new Date(time).toISOString();
          const read = (): unknown => readBackfillInput({ pipeline, from }, NOW).range;
          if (time % grain === 0) expect(read()).toMatchObject({ from: from.replace('.000Z', 'Z') });
          else
            expect(read).toThrow(
              new Date(Math.floor(time / grain) * grain + grain).toISOString().slice(0, 16),
            );
        },
      ),
    );
  });

  it.each([
    [[], 'the input is a list'],
    [{ form: '2017-01-01' }, 'there is no field form; Did you mean `from`?'],
    [{ pipeline: 'weekly' }, 'give "hourly", "minute" or "daily"'],
    [{ to: '2017-01-01' }, 'to is given without from'],
    [{ from: '2017-01-02', to: '2017-01-02' }, 'to is not part of it'],
    [{ from: '0217-01-02', to: '2017-01-02' }, 'look at the year'],
    [{ from: '2017-01-01T08:00' }, 'give a time with its zone'],
    [{ from: '2017-01-01T08:30:00Z' }, 'give 2017-01-01T08:00:00Z or 2017-01-01T09:00:00Z'],
    [
      { pipeline: 'daily', from: '2017-01-01T08:00:00Z' },
      'give 2017-01-01T00:00:00Z or 2017-01-02T00:00:00Z',
    ],
    [{ from: '2026-11-22T08:00:00Z', to: '2026-11-22T10:00:00Z' }, 'give 2026-11-22T09:00:00Z or earlier'],
    [{ models: 'stg_transactions' }, 'models is not a list of names'],
    [{ width: 0 }, 'give a whole number from 1 to 100'],
    [{ width: 101 }, 'give a whole number from 1 to 100'],
    [{ stopAfter: 0.5 }, 'give a whole number from 1 on'],
    [{ again: 'yes' }, 'again is "yes"; give true or false'],
    [{ holdFor: 'long' }, 'give a duration'],
    [{ pipeline: 'minute' }, 'give one: what a run of a minute missed has come with the next'],
    [{ pipeline: 'minute', from: '2017-01-02T08:30:00Z' }, 'give 2017-01-02T08:00:00Z'],
    [{ holdFor: '5 dogs' }, 'give a duration'],
  ])('%j is refused with its mend: %s', (input, mend) => {
    expect(() => readBackfillInput(input, NOW)).toThrow(mend);
  });
});
