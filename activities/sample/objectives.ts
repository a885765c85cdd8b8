import type { Schedule } from '../../models/model.ts';
import type { BurnRule } from './burn.ts';

/*
 * Everything that may be set about objectives but what a model's header says, in one place.
 */

const [HOUR, DAY] = [60, 24 * 60];

/**
 * When the freshness of a model pages: 2 % of a month's budget within an hour, 5 % within six.
 *
 * @see https://sre.google/workbook/alerting-on-slos/#recommended_parameters_for_an_slo_based_alerting_configuration
 */
export const FRESHNESS_BURN: readonly BurnRule[] = [
  { rate: 14.4, longMinutes: HOUR, shortMinutes: 5, leastBad: 3, severity: 'critical' },
  { rate: 6, longMinutes: 6 * HOUR, shortMinutes: 30, leastBad: 3, severity: 'error' },
];

/** Days that single samples and intervals are kept: a month, and time to look at it. */
export const SAMPLES_KEPT_DAYS = 35;

/** What is promised of the intervals of a pipeline's schedule. */
export interface AvailabilityPromise {
  /** As `workers/schedules.ts` names it. */
  readonly scheduleId: string;
  readonly target: number;
  /**
   * Seconds after the time that the schedule names within which every model of the pipeline has been loaded: published, or
   * found that its window was empty. What is held or failed until then came late.
   *
   * @see https://sre.google/workbook/data-processing/#data-freshness ("X% of data processed within Y")
   */
  readonly withinSeconds: number;
  /** Days back that what nobody judged is judged by the ledger: housekeeping takes empty minutes after two. */
  readonly judgedBackDays: number;
  /** An hourly schedule has 3 intervals in 3 hours: windows of minutes would say nothing of it. */
  readonly burn: readonly BurnRule[];
}

/** The same for the pipelines. An hour may take until the next one begins; a day is there when people come to work. */
export const AVAILABILITY: Readonly<Record<Schedule, AvailabilityPromise>> = {
  minute: {
    scheduleId: 'minute-incremental-load',
    target: 0.99,
    withinSeconds: 5 * 60,
    judgedBackDays: 1,
    burn: FRESHNESS_BURN,
  },
  hourly: {
    scheduleId: 'hourly-incremental-load',
    target: 0.99,
    withinSeconds: 60 * 60,
    judgedBackDays: SAMPLES_KEPT_DAYS,
    // 10 % of the budget in three days, the slowest that the same source asks for, and two of the last three intervals.
    burn: [{ rate: 1, longMinutes: 3 * DAY, shortMinutes: 3 * HOUR, leastBad: 2, severity: 'error' }],
  },
  daily: {
    scheduleId: 'daily-dimension-refresh',
    target: 0.95,
    withinSeconds: 4 * 60 * 60,
    judgedBackDays: SAMPLES_KEPT_DAYS,
    burn: [{ rate: 1, longMinutes: 3 * DAY, shortMinutes: DAY, leastBad: 1, severity: 'error' }],
  },
};

/** Days that hours of samples are kept: the same month of last year. */
export const HOURS_KEPT_DAYS = 400;

/** How the rhythm of a source is learned, as gates learn their bands (`expectations/learned-band.ts`). */
export const RHYTHM = {
  /** How many weeks back. */
  weeks: 8,
  /** Weeks it must have been known for before anything is said. */
  leastWeeks: 4,
  /** Weeks of eight in which this hour of the week may have been quiet all the same. */
  quietOfEight: 1,
  /** How much later than in every week before something may arrive. */
  slackMinutes: 10,
} as const;
