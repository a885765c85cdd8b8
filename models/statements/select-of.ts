import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { PublishedModel } from '../model.ts';

/**
 * A model's SELECT as a subquery. It is the repository's own file, parsed and checked before it gets here; that it is
 * sent as written is what makes psql and a load read the same.
 */
export function selectOf(model: PublishedModel): RawBuilder<unknown> {
  // oxlint-disable-next-line no-restricted-properties -- The one place where a model's own text becomes a subquery.
  return sql`(${sql.raw(`${model.sql}\n`)})`;
}
