import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isPublished, versionColumns } from '../../models/model.ts';
import type { PublishedModel, SourceModel } from '../../models/model.ts';
import { sameKey } from '../../models/statements/columns.ts';
import { selectOf } from '../../models/statements/select-of.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { applyWindow } from '../load-window.ts';
import type { Kept } from './kept-rows.ts';
import { sourceOf } from './source-of.ts';

/**
 * Looks for models that have published rows which this transaction has mended in bronze, and would keep them under a key
 * that the mended row no longer has: a merge finds a row by its key alone, so that the record would stand there twice.
 *
 * Sets a window for the rest of the transaction.
 *
 * @returns a sentence that names them and says what to do; null where there is none.
 */
export async function keysLeftBehind(
  trx: DatabaseTransaction,
  graph: Graph,
  source: SourceModel,
  kept: readonly Kept[],
): Promise<string | null> {
  const own = await sql<{ xid: string }>`select pg_current_xact_id()::text as xid`.execute(trx);
  const xid = BigInt(own.rows[0]?.xid ?? 0);
  const [from, to] = [`${xid}:${xid}:`, `${xid + 1n}:${xid + 1n}:`];
  await applyWindow(
    trx,
    { kind: 'arrival', deltas: { [source.name]: { from, to } } },
    new Date(0).toISOString(),
  );
  const names: string[] = [];
  for (const model of graph.models.filter(isPublished)) {
    if (model.shape.kind !== 'map' || sourceOf(graph, model.name)?.name !== source.name) continue;
    if (await leavesKey(trx, model, kept)) names.push(model.name);
  }
  if (names.length === 0) return null;
  return (
    `${names.join(', ')} has published a row of ${source.name} under the key that it had before it was mended, and would have it twice. ` +
    'Deliver the file again with the row mended.'
  );
}

async function leavesKey(
  trx: DatabaseTransaction,
  model: PublishedModel,
  kept: readonly Kept[],
): Promise<boolean> {
  const same = sameKey('mended', 't', [...new Set([...versionColumns, ...model.uniqueKey])]);
  const { rows } = await sql<{ found: boolean }>`
    select exists (
      select from ${sql.table(model.relation)} as t
      where (t._source, t._revision, t._position) in (
        select * from unnest(${kept.map(({ file }) => file)}::text[], ${kept.map(({ revision }) => revision)}::int[],
          ${kept.map(({ position }) => position)}::bigint[]))
        and not exists (select from ${selectOf(model)} as mended where ${same})
    ) as found`.execute(trx);
  return rows[0]?.found === true;
}
