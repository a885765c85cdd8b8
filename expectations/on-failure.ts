import type { Severity } from './verdict.ts';

/**
 * What happens to the data when an expectation fails: the batch waits for a person (`hold`), the rows that break it are
 * set aside and the rest goes on (`quarantine`), or all of it goes on (`continue`). How loud it is, severity says.
 */
export type OnFailure = 'hold' | 'quarantine' | 'continue';

/** What there is to say, in the order a refusal names it. */
export const onFailures: readonly OnFailure[] = ['hold', 'quarantine', 'continue'];

/** What one place says about failures; null where it says nothing. */
export interface FailureRule {
  readonly onFailure: OnFailure | null;
  /** Share of the batch, 0 to 1, up to which failing rows are set aside. */
  readonly quarantineShare: number | null;
}

/** A place that says nothing. */
export const unsaid: FailureRule = { onFailure: null, quarantineShare: null };

/**
 * Up to which share of a batch rows are set aside where nobody says another: one in a hundred. Few enough that what goes
 * on still tells the day as it was; a source that broke altogether breaks more and is held.
 */
export const DEFAULT_QUARANTINE_SHARE = 0.01;

/** What is known of an expectation that failed. */
export interface FailureKind {
  readonly severity: Severity;
  /** Whether single rows can be found that break it. */
  readonly rowLevel: boolean;
  /** Whether it could not be evaluated. */
  readonly errored: boolean;
}

/**
 * What happens to the data: the nearest place that says something decides (expectation over suite over header), else
 * `hold` for critical and `continue` for the others.
 *
 * Quarantine needs rows to set aside. Said of a whole suite or gate, it passes over expectations about the table as a
 * whole. One that could not be evaluated shows no rows: what was to be quarantined is held then, never let through.
 *
 * @param said the nearest place first.
 */
export function decideOnFailure(
  said: readonly FailureRule[],
  { severity, rowLevel, errored }: FailureKind,
): OnFailure {
  const nearest = said
    .map(({ onFailure }) => onFailure)
    .find((one) => one !== null && (one !== 'quarantine' || rowLevel));
  if (nearest === 'quarantine' && errored) return 'hold';
  return nearest ?? (severity === 'critical' ? 'hold' : 'continue');
}

/** Up to which share of the batch failing rows may be set aside: the nearest place that says one. */
export function quarantineShareOf(said: readonly FailureRule[]): number {
  return (
    said.map(({ quarantineShare }) => quarantineShare).find((share) => share !== null) ??
    DEFAULT_QUARANTINE_SHARE
  );
}
