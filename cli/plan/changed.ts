import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';

/** Names of the models that have been published; none in a database that Weir has not been at. */
export async function publishedModels(db: Database): Promise<ReadonlySet<string>> {
  if (!(await isThere(db))) return new Set();
  const targets = await db.selectFrom('control.target').select('model').where('publishes', '>', 0).execute();
  return new Set(targets.map(({ model }) => model));
}

async function isThere(db: Database): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass('control.target') is not null as there`.execute(db);
  return rows[0]?.there === true;
}

/**
 * Names of the models whose file says something else than what was published last, those that never were among them;
 * none in a database that Weir has not been at.
 */
export async function changedModels(db: Database, graph: Graph): Promise<ReadonlySet<string>> {
  if (!(await isThere(db))) return new Set();
  const targets = await db.selectFrom('control.target').select(['model', 'sql_hash']).execute();
  const published = new Map(targets.map(({ model, sql_hash }) => [model, sql_hash]));
  return new Set(
    graph.models
      .filter(isPublished)
      .filter(({ name, sqlHash }) => published.get(name) !== sqlHash)
      .map(({ name }) => name),
  );
}
