import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLate, jitterOf, slotAt } from '../../workflows/slot.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Any millisecond of 1970 to 2100. */
const instants = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });
const grains = fc.constantFrom(HOUR, DAY);

describe('the slot of a time', () => {
  it('is the last whole grain before it', () => {
    const at = Date.parse('2017-01-02T09:05:00Z');
    expect(slotAt(HOUR, at)).toEqual({
      start: new Date('2017-01-02T08:00:00Z'),
      end: new Date('2017-01-02T09:00:00Z'),
    });
    expect(slotAt(DAY, at)).toEqual({
      start: new Date('2017-01-01T00:00:00Z'),
      end: new Date('2017-01-02T00:00:00Z'),
    });
  });

  it('is whole, aligned, over, and the last such', () => {
    fc.assert(
      fc.property(instants, grains, (at, grain) => {
        const { start, end } = slotAt(grain, at);
        expect(end.getTime() - start.getTime()).toBe(grain);
        expect(end.getTime() % grain).toBe(0);
        expect(end.getTime()).toBeLessThanOrEqual(at);
        expect(at - end.getTime()).toBeLessThan(grain);
      }),
    );
  });

  it('is the same at every second of the next grain, and another one after it', () => {
    fc.assert(
      fc.property(instants, grains, fc.nat(), (at, grain, later) => {
        const grainStart = Math.floor(at / grain) * grain;
        expect(slotAt(grain, grainStart + (later % grain))).toEqual(slotAt(grain, grainStart));
        expect(slotAt(grain, grainStart + grain).start).toEqual(slotAt(grain, grainStart).end);
      }),
    );
  });
});

describe('a run is late', () => {
  const scheduledAt = new Date('2017-01-02T09:55:00Z');
  const after = (seconds: number, jitterMs: number): boolean =>
    isLate({ scheduledAt, startedAt: new Date(scheduledAt.getTime() + seconds * 1000), jitterMs });

  it('a minute after it was meant to start', () => {
    expect(after(60, 0)).toBe(false);
    expect(after(61, 0)).toBe(true);
  });

  it('not while its jitter lasts, beyond the end of the hour too', () => {
    expect(after(9 * 60, 10 * 60_000)).toBe(false);
    expect(after(11 * 60, 10 * 60_000)).toBe(false);
    expect(after(12 * 60, 10 * 60_000)).toBe(true);
  });
});

it.each([
  [undefined, 0],
  [{}, 0],
  [{ jitterMs: '5' }, 0],
  [{ jitterMs: -1 }, 0],
  [{ jitterMs: 300_000 }, 300_000],
])('the jitter that a memo tells of: %j', (memo, jitter) => expect(jitterOf(memo)).toBe(jitter));
