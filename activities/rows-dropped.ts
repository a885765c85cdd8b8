import { sql } from 'kysely';
import type { DatabaseTransaction } from './databases.ts';

/** How many rows of a relation retention has taken. */
export async function rowsDropped(trx: DatabaseTransaction, relation: string): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    select coalesce(sum(rows), 0)::bigint as rows from control.dropped_partition where relation = ${relation}`.execute(
    trx,
  );
  return rows[0]?.rows ?? 0;
}
