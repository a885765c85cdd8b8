import { sql } from 'kysely';
import type { Model } from '../../models/model.ts';
import type { Site } from '../site.ts';

/** How much of a model or source waits in quarantine. */
export interface SetAside {
  /** Records that never became rows, and rows that a gate set aside; at most {@link MOST_COUNTED} of each. */
  readonly records: number;
  readonly rows: number;
  /** When the first of them will be gone. */
  readonly expiresAt: Date | null;
}

/** Nobody mends more one by one, and counting goes no further. */
export const MOST_COUNTED = 10_000;

/** Counts what waits in quarantine, and not what it is. */
export async function readSetAside({ database, at }: Site, { name, relation }: Model): Promise<SetAside> {
  const { rows } = await sql<SetAside>`
    with records as (
      select q.expires_at from control.quarantine as q
      where q.relation = ${relation} and q.state = 'waiting' and q.expires_at > ${at}::timestamptz limit ${MOST_COUNTED}
    ),
    batch as (
      select b.expires_at from control.batch_quarantine as b
      where b.model = ${name} and b.state = 'waiting' and b.expires_at > ${at}::timestamptz limit ${MOST_COUNTED}
    )
    select (select count(*) from records) as records, (select count(*) from batch) as rows,
      least((select min(expires_at) from records), (select min(expires_at) from batch)) as "expiresAt"`.execute(
    database,
  );
  return rows[0] ?? { records: 0, rows: 0, expiresAt: null };
}
