import { burningBy, isOver, type Burning, type BurnRule, type WindowCount } from './burn.ts';
import type { AlarmChange, AlarmRow, ObjectiveAlarm } from './alarm-rows.ts';

/** What is known of an objective when a round decides about its alarm. */
export interface Observed {
  readonly alarm: ObjectiveAlarm;
  readonly subject: string;
  readonly rules: readonly BurnRule[];
  readonly counts: readonly WindowCount[];
  readonly target: number;
  /** When it began to be broken, of the time until now; null: it is kept now. */
  readonly brokenSince: Date | null;
}

/**
 * Whether an alarm begins or ends; null: it stays as it is.
 *
 * An alarm that was added to the incident which explained it has no incident of its own. Where that one has ended and the
 * promise is still broken, as its last samples say, it is raised again. So it is where it burns by a louder rule than when
 * it was told.
 *
 * @param explained the dedup key of an open incident that explains it, null where none does.
 * @param isOpen whether the incident of a dedup key is open.
 */
export function decideAlarm(
  observed: Observed,
  row: AlarmRow | null,
  explained: string | null,
  isOpen: (dedupKey: string) => boolean,
): AlarmChange | null {
  const { alarm, subject, rules, counts, target, brokenSince } = observed;
  const burning = burningBy(rules, counts, target);
  const about = { alarm, subject, because: explained };
  if (row === null || row.state === 'cleared')
    // Kept again now: what went on until just before wakes nobody after the fact.
    return burning === null || brokenSince === null
      ? null
      : { ...about, state: 'raised', severity: burning.rule.severity, since: brokenSince };
  const { severity, since } = row;
  if (isOver(rules, counts, target))
    return { ...about, state: 'cleared', severity, since, because: row.because };
  // Who is told of the loud only has not heard of it.
  if (severity === 'error' && burning?.rule.severity === 'critical' && brokenSince !== null)
    return { ...about, state: 'raised', severity: 'critical', since, because: explained ?? row.because };
  const unexplained = row.told && row.because !== null && row.because !== explained && !isOpen(row.because);
  const agedUnderIt = brokenSince !== null && isBadThroughout(rules, counts);
  return unexplained && agedUnderIt && burning !== null
    ? { ...about, state: 'raised', severity, since }
    : null;
}

/** Nothing in the shortest window was good: what had explained it did not mend it. */
function isBadThroughout(rules: readonly BurnRule[], counts: readonly WindowCount[]): boolean {
  const shortest = Math.min(...rules.map(({ shortMinutes }) => shortMinutes));
  const count = counts.find(({ minutes }) => minutes === shortest);
  return count !== undefined && count.good === 0 && count.bad > 0;
}

/** `burns 22× over 1 h, 71× over 5 min`. */
export function burnText({ rule, longRate, shortRate }: Burning): string {
  const windows = [
    [longRate, rule.longMinutes],
    [shortRate, rule.shortMinutes],
  ] as const;
  return `burns ${windows.map(([rate, minutes]) => `${rateText(rate)} over ${minutesText(minutes)}`).join(', ')}`;
}

function rateText(rate: number): string {
  return Number.isFinite(rate) ? `${rate >= 10 ? Math.round(rate) : rate.toFixed(1)}×` : 'without any budget';
}

function minutesText(minutes: number): string {
  return minutes < 60 ? `${minutes} min` : minutes <= 24 * 60 ? `${minutes / 60} h` : `${minutes / 1440} d`;
}
