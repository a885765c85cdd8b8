/** A unit in which lengths of time are shown on an axis. */
export interface TimeUnit {
  /** `minutes`. */
  readonly name: string;
  readonly seconds: number;
}

const units: readonly TimeUnit[] = [
  { name: 'days', seconds: 86_400 },
  { name: 'hours', seconds: 3600 },
  { name: 'minutes', seconds: 60 },
  { name: 'seconds', seconds: 1 },
];

/** The largest unit of which the longest of some lengths has at least three. @param seconds the longest. */
export function timeUnit(seconds: number): TimeUnit {
  return units.find((unit) => seconds >= 3 * unit.seconds) ?? { name: 'seconds', seconds: 1 };
}
