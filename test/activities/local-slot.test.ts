import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { localSlots } from '../../activities/local-slot.ts';
import { instantOf, isTimeZone, offsetsOf, tabledOffsets } from '../../activities/local-time.ts';

/** With changes of an hour and of half of one, at midnight and at night, of a whole day, and without any. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Kolkata',
];
const HOUR = 3_600_000;

const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: Date.UTC(2005, 0, 1) / 1000, max: Date.UTC(2035, 0, 1) / 1000 });

/** What the clocks show, from Intl alone. */
function clock(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
}

const instant = (timeZone: string, wall: string): string =>
  new Date(instantOf(offsetsOf(timeZone), Date.parse(`${wall}Z`))).toISOString();

describe('a local time', () => {
  it.each([
    ['America/New_York', '2026-07-01T02:30', '2026-07-01T06:30:00.000Z'],
    // Does not come: an hour later, at 03:30 of summer time.
    ['America/New_York', '2026-03-08T02:30', '2026-03-08T07:30:00.000Z'],
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-10-04T02:10', '2026-10-03T15:40:00.000Z'],
    ['America/Sao_Paulo', '2018-11-04T00:00', '2018-11-04T03:00:00.000Z'],
    // Comes twice: at its first.
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45:00.000Z'],
    // The day that Samoa left out.
    ['Pacific/Apia', '2011-12-30T02:30', '2011-12-30T12:30:00.000Z'],
  ])('%s %s', (zone, wall, expected) => expect(instant(zone, wall)).toBe(expected));

  it('shows on the clocks of its zone at its instant, unless it does not come', () => {
    fc.assert(
      fc.property(zones, instants, (zone, second) => {
        const wall = Math.floor(second / 60) * 60_000;
        const at = instantOf(offsetsOf(zone), wall);
        const shown = Date.parse(`${clock(zone, at).replace(' ', 'T')}Z`);
        const skipped = shown - wall;
        expect(skipped).toBeGreaterThanOrEqual(0);
        // Nor did it show within the hours before, which would have been its first.
        if (skipped === 0)
          expect([1, 0.5].map((hours) => clock(zone, at - hours * HOUR))).not.toContain(clock(zone, at));
        else expect(clock(zone, at - skipped - 1000) < clock(zone, at)).toBe(true);
      }),
    );
  });

  it('a table of changes says the same as asking each time', () => {
    const [from, to] = [Date.UTC(2020, 0, 1), Date.UTC(2029, 0, 1)];
    for (const zone of ZONES) {
      const offsets = offsetsOf(zone);
      const tabled = tabledOffsets(offsets, from, to);
      fc.assert(
        fc.property(fc.integer({ min: from, max: to }), (at) => tabled(at) === offsets(at)),
        { numRuns: 50 },
      );
    }
  });
});

describe('the local slot of a time', () => {
  const slot = (zone: string, pipeline: 'daily' | 'hourly', at: string) =>
    localSlots(zone, pipeline)(new Date(at));
  const hours = ({ start, end }: { start: string; end: string }) =>
    (Date.parse(end) - Date.parse(start)) / HOUR;

  it('is the local day before, of 23, 24 or 25 hours', () => {
    const spring = slot('America/New_York', 'daily', '2026-03-09T06:30:00Z');
    expect(spring).toEqual({ start: '2026-03-08T05:00:00.000Z', end: '2026-03-09T04:00:00.000Z' });
    expect(hours(spring)).toBe(23);
    expect(hours(slot('America/New_York', 'daily', '2026-11-02T07:30:00Z'))).toBe(25);
    expect(hours(slot('America/New_York', 'daily', '2026-07-02T06:30:00Z'))).toBe(24);
    expect(hours(slot('Australia/Lord_Howe', 'daily', '2026-04-06T00:00:00Z'))).toBe(24.5);
  });

  it('is over where clocks are put back over midnight, though they show the day before again', () => {
    // At 00:01 of the 7th of November, to 23:01 of the 6th.
    expect(slot('America/St_Johns', 'daily', '2010-11-07T02:45:00Z').end).toBe('2010-11-07T02:30:00.000Z');
  });

  it('is an hour of the zone’s own clocks', () => {
    expect(slot('Asia/Kolkata', 'hourly', '2026-07-01T10:00:00Z')).toEqual({
      start: '2026-07-01T08:30:00.000Z',
      end: '2026-07-01T09:30:00.000Z',
    });
    expect(hours(slot('Europe/Berlin', 'hourly', '2026-10-25T02:05:00Z'))).toBe(2);
  });

  it('slots lie side by side: one ends where the next begins', () => {
    fc.assert(
      fc.property(
        zones,
        instants,
        fc.constantFrom('daily' as const, 'hourly' as const),
        (zone, second, grain) => {
          const slotAt = localSlots(zone, grain);
          const { start, end } = slotAt(new Date(second * 1000));
          expect(start < end && Date.parse(end) <= second * 1000).toBe(true);
          expect(slotAt(new Date(end))).toEqual({ start, end });
          expect(slotAt(new Date(Date.parse(end) - 1)).end).toBe(start);
        },
      ),
    );
  });
});

it('knows which names are zones', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false]);
});
