import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_SCHEDULES } from '../../../workers/schedules.ts';
import { pipelineOf } from '../../../workers/schedules/schedule.ts';
import {
  burningBy,
  burnRate,
  isOver,
  windowsOf,
  type BurnRule,
  type WindowCount,
} from '../../../activities/sample/burn.ts';
import { AVAILABILITY, FRESHNESS_BURN } from '../../../activities/sample/objectives.ts';

type Sample = 'good' | 'bad' | 'none';

/** Counts as the database does: the newest sample is last, one a minute. */
function countsOf(samples: readonly Sample[], rules: readonly BurnRule[]): readonly WindowCount[] {
  return windowsOf(rules).map((minutes) => {
    const inside = samples.slice(-minutes);
    const count = (kind: Sample) => inside.filter((one) => one === kind).length;
    return { minutes, good: count('good'), bad: count('bad') };
  });
}

const burning = (samples: readonly Sample[], target = 0.99) =>
  burningBy(FRESHNESS_BURN, countsOf(samples, FRESHNESS_BURN), target);
const over = (samples: readonly Sample[], target = 0.99) =>
  isOver(FRESHNESS_BURN, countsOf(samples, FRESHNESS_BURN), target);
const minutes = (count: number, kind: Sample): readonly Sample[] => Array.from({ length: count }, () => kind);

/** Histories as they come: stretches of one kind, up to seven hours. */
const histories = fc
  .array(fc.tuple(fc.constantFrom<Sample>('good', 'bad', 'none'), fc.integer({ min: 1, max: 200 })), {
    maxLength: 12,
  })
  .map((stretches) => stretches.flatMap(([kind, count]) => minutes(count, kind)));
const targets = fc.constantFrom(0.9, 0.95, 0.99, 0.999, 1);

describe('the burn rule', () => {
  it('an hour at 99 % burns with its ninth bad minute, six hours with the twenty-second', () => {
    expect(burning([...minutes(352, 'good'), ...minutes(8, 'bad')])).toBeNull();
    expect(burning([...minutes(351, 'good'), ...minutes(9, 'bad')])).toMatchObject({ rule: { rate: 14.4 } });
    // One bad minute in sixteen, the last ones good: too few for the hour, enough for six.
    const slow = Array.from({ length: 360 }, (_, at): Sample => (at % 10 === 5 ? 'bad' : 'good'));
    expect(burning(slow)).toMatchObject({ rule: { rate: 6, severity: 'error' } });
    expect(burning(slow.map((kind, at) => (at < 160 ? 'good' : kind)))).toBeNull();
  });

  it('two bad samples never burn, whatever the target and however few there are', () => {
    fc.assert(
      fc.property(histories, targets, (samples, target) => {
        const fewBad = samples.map((kind, at) =>
          kind === 'bad' && at < samples.length - 30 ? 'good' : kind,
        );
        const last = fewBad.slice(-30).filter((kind) => kind === 'bad').length;
        fc.pre(last <= 2);
        expect(burning(fewBad, target)).toBeNull();
      }),
    );
  });

  it('a history without a bad sample never burns, measured or not', () => {
    fc.assert(
      fc.property(histories, targets, (samples, target) => {
        const kept = samples.map((kind): Sample => (kind === 'bad' ? 'none' : kind));
        expect(burning(kept, target)).toBeNull();
      }),
    );
  });

  it('what burns is not over, and one bad sample more puts no fire out', () => {
    fc.assert(
      fc.property(histories, targets, (samples, target) => {
        if (burning(samples, target) === null) return;
        expect(over(samples, target)).toBe(false);
        expect(over([...samples, 'bad'], target)).toBe(false);
      }),
    );
  });

  it('what is over does not begin again before three more bad samples, while something is measured', () => {
    fc.assert(
      fc.property(histories, targets, (samples, target) => {
        if (!over(samples, target)) return;
        expect(burning([...samples, 'good', 'bad'], target)).toBeNull();
        expect(burning([...samples, 'bad', 'bad'], target)).toBeNull();
      }),
    );
  });

  it('ends by itself: thirty good minutes are enough whatever there was before', () => {
    fc.assert(
      fc.property(histories, targets, (samples, target) => {
        expect(over([...samples, ...minutes(30, 'good')], target)).toBe(true);
      }),
    );
  });

  it('nobody measuring is no end: the alarm stays while nothing is known', () => {
    fc.assert(
      fc.property(histories, targets, (samples, target) => {
        expect(over([...samples, ...minutes(5, 'none')], target)).toBe(false);
      }),
    );
  });

  it('a rate is of what was measured', () => {
    expect(burnRate({ good: 0, bad: 0 }, 0.99)).toBe(0);
    expect(burnRate({ good: 99, bad: 1 }, 0.99)).toBeCloseTo(1);
    expect(burnRate({ good: 0, bad: 3 }, 0.99)).toBeCloseTo(100);
    expect(burnRate({ good: 1000, bad: 1 }, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('availability', () => {
  it('names the schedules of the code', () => {
    for (const [pipeline, { scheduleId }] of Object.entries(AVAILABILITY)) {
      const schedule = ALL_SCHEDULES.find((one) => one.scheduleId === scheduleId);
      expect(schedule === undefined ? null : pipelineOf(schedule)?.pipeline).toBe(pipeline);
    }
  });

  it('of hours two of the last three wake somebody, of days one', () => {
    const { hourly, daily } = AVAILABILITY;
    const counted = (
      rules: readonly BurnRule[],
      short: readonly [number, number],
      long: readonly [number, number],
    ) =>
      rules.flatMap(({ shortMinutes, longMinutes }) => [
        { minutes: shortMinutes, good: short[0], bad: short[1] },
        { minutes: longMinutes, good: long[0], bad: long[1] },
      ]);
    expect(burningBy(hourly.burn, counted(hourly.burn, [2, 1], [71, 1]), hourly.target)).toBeNull();
    expect(burningBy(hourly.burn, counted(hourly.burn, [1, 2], [70, 2]), hourly.target)).not.toBeNull();
    expect(burningBy(daily.burn, counted(daily.burn, [0, 1], [2, 1]), daily.target)).not.toBeNull();
    expect(isOver(daily.burn, counted(daily.burn, [1, 0], [2, 1]), daily.target)).toBe(true);
  });
});
