import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/** Lengths that people think in. */
const LENGTHS = [
  '5 minutes',
  '15 minutes',
  '1 hour',
  '3 hours',
  '6 hours',
  '12 hours',
  '1 day',
  '2 days',
  '5 days',
];

/** Most stretches of a chart: more are thinner than a phone can show. */
const MOST_STRETCHES = 80;

/**
 * A query of one row, `width`: the shortest length of which 80 reach from a time until the look.
 *
 * @param since a relation of one row, `at`.
 */
export function stretchWidth(since: RawBuilder<unknown>, at: Date): RawBuilder<unknown> {
  return sql`
    select min(width) as width from ${since} as since, unnest(${LENGTHS}::interval[]) as width
    where since.at + width * ${MOST_STRETCHES}::int >= ${at}::timestamptz`;
}
