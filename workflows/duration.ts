const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration as people write it (`12h`, `30 minutes`, `90s`, `2d`), in milliseconds; null where it is none. */
export function durationMs(value: unknown): number | null {
  const pattern = /^\s*(\d+(?:\.\d+)?)\s*(s|m|h|d)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?|ays?)?\s*$/i;
  const match = typeof value === 'string' ? pattern.exec(value) : null;
  const ms = match ? Number(match[1]) * (UNIT_MS[(match[2] ?? '').toLowerCase()] ?? Number.NaN) : Number.NaN;
  return ms > 0 ? ms : null;
}
