import { sql } from 'kysely';
import type { PublishedModel } from '../models/model.ts';
import type { Database, DatabaseTransaction } from './databases.ts';
import type { SourceDrift } from './extract/reader.ts';

/**
 * Notes in what a source is not what its header says, as its last extract found it: what is new is opened, what is no
 * more is cleared.
 */
export async function noteDrift(
  loader: Database,
  source: string,
  drift: readonly SourceDrift[],
  workflowId: string,
): Promise<void> {
  await loader.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`weir.drift ${source}`}, 0))`.execute(trx);
    const found = JSON.stringify(drift);
    await sql`
      update control.source_drift as d set cleared_at = pg_catalog.now()
      where d.source = ${source} and d.cleared_at is null and not exists (
        select from jsonb_to_recordset(${found}::jsonb) as f ("column" text) where f."column" is not distinct from d.column_name)`.execute(
      trx,
    );
    await sql`
      insert into control.source_drift as d (source, column_name, problem, mend, workflow_id)
      select ${source}, f."column", f.problem, f.mend, ${workflowId}
      from jsonb_to_recordset(${found}::jsonb) as f ("column" text, problem text, mend text)
      on conflict (source, coalesce(column_name, '')) where cleared_at is null
      do update set problem = excluded.problem, mend = excluded.mend`.execute(trx);
  });
}

/** What holds a model that reads drifted sources itself, in sentences; null where nothing does. */
export async function openDrift(
  db: Database | DatabaseTransaction,
  model: PublishedModel,
): Promise<string | null> {
  const names = relationsOf(model);
  if (names.length === 0) return null;
  const rows = await db
    .selectFrom('control.source_drift')
    .select(['source', 'problem', 'mend', 'since'])
    .where('source', 'in', [...names])
    .where('cleared_at', 'is', null)
    .orderBy('drift_id')
    .execute();
  if (rows.length === 0) return null;
  return rows
    .map(
      ({ source, problem, mend, since }) =>
        `${source} has changed at its source, seen ${since.toISOString()}: ${problem}. ${mend}`,
    )
    .join(' ');
}

/** What a model reads itself, by name. */
function relationsOf({ shape, references }: PublishedModel): readonly string[] {
  const deltas =
    shape.kind === 'map'
      ? [shape.delta]
      : shape.kind === 'touched'
        ? shape.queries.map(({ delta }) => delta)
        : [];
  const named = references.filter(({ schema }) => schema === 'bronze' || schema === 'delta');
  return [...new Set([...deltas, ...named.map(({ name }) => name)])];
}
