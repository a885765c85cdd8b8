/**
 * When a budget burns too fast: over the long window it is spent at `rate` times what would last for the month, and over
 * the short one still. The long window keeps a blip from waking anybody, the short one lets the alarm end soon after the
 * trouble has.
 *
 * @see https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
 */
export interface BurnRule {
  readonly rate: number;
  readonly longMinutes: number;
  readonly shortMinutes: number;
  /** Bad samples in the short window, below which nothing burns: of few samples one is a large share. */
  readonly leastBad: number;
  readonly severity: 'critical' | 'error';
}

/** What was measured in a window that ends now. Minutes that nobody measured are in neither. */
export interface WindowCount {
  readonly minutes: number;
  readonly good: number;
  readonly bad: number;
}

/** A rule that says that it burns, and how fast it does over both windows. */
export interface Burning {
  readonly rule: BurnRule;
  readonly longRate: number;
  readonly shortRate: number;
}

/** How many times too fast the budget went; 0 where nothing was measured, infinite where the target allows nothing. */
export function burnRate({ good, bad }: Pick<WindowCount, 'good' | 'bad'>, target: number): number {
  if (bad === 0) return 0;
  const allowed = 1 - target;
  return allowed <= 0 ? Number.POSITIVE_INFINITY : bad / (good + bad) / allowed;
}

/** The first rule, in their order, by which the budget burns; null where none does. */
export function burningBy(
  rules: readonly BurnRule[],
  counts: readonly WindowCount[],
  target: number,
): Burning | null {
  for (const rule of rules) {
    const short = countOf(counts, rule.shortMinutes);
    const longRate = burnRate(countOf(counts, rule.longMinutes), target);
    const shortRate = burnRate(short, target);
    if (longRate >= rule.rate && shortRate >= rule.rate && short.bad >= rule.leastBad)
      return { rule, longRate, shortRate };
  }
  return null;
}

/**
 * Whether what burned is over. Later than that it begins not to burn, so that an alarm does not end and begin again at
 * the edge: in the shortest window samples were taken and all are good, and no rule whose long window still burns has
 * half of its rate or more in its short one.
 */
export function isOver(rules: readonly BurnRule[], counts: readonly WindowCount[], target: number): boolean {
  const shortest = countOf(counts, Math.min(...rules.map(({ shortMinutes }) => shortMinutes)));
  if (shortest.bad > 0 || shortest.good === 0) return false;
  return rules.every(
    ({ rate, longMinutes, shortMinutes }) =>
      burnRate(countOf(counts, longMinutes), target) < rate ||
      burnRate(countOf(counts, shortMinutes), target) < rate / 2,
  );
}

/** The windows that rules look at, each once, in minutes. */
export function windowsOf(rules: readonly BurnRule[]): readonly number[] {
  return [...new Set(rules.flatMap(({ longMinutes, shortMinutes }) => [longMinutes, shortMinutes]))];
}

function countOf(counts: readonly WindowCount[], minutes: number): WindowCount {
  return counts.find((one) => one.minutes === minutes) ?? { minutes, good: 0, bad: 0 };
}
