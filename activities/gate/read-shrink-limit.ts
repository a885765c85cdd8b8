import { sql } from 'kysely';
import type { ShrinkLimit } from '../../expectations/shrink-limit.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { DatabaseTransaction } from '../databases.ts';

/**
 * How few rows a candidate may have, of a model whose header says `max_shrink`: its share of what is published now, of
 * a history of its current rows. Null where there is no such limit, or nothing is published that could be lost.
 *
 * @param trx on the login of the gates.
 */
export async function readShrinkLimit(
  trx: DatabaseTransaction,
  model: PublishedModel,
  gate: Gate,
): Promise<ShrinkLimit | null> {
  const { maxShrink: share, file } = model;
  if (share === null || gate !== 'output') return null;
  const current = model.kind === 'history' ? sql`where valid_to is null` : sql``;
  // In decimals: 100 rows times 1 - 0.43 is a little more than 57 in binary floating point, and 58 rounded up.
  const { rows } = await sql<{ published: number; least: number }>`
    select count(*) as published, ceil(count(*) * (1 - ${String(share)}::numeric))::bigint as least
    from ${sql.table(model.relation)} ${current}`.execute(trx);
  const [found] = rows;
  if (found === undefined || found.published === 0) return null;
  return { ...found, share, file };
}
