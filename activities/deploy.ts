import { sql } from 'kysely';
import { deltaView } from '../models/delta-views.ts';
import type { Graph } from '../models/graph.ts';
import { hasRevisions, isPublished, isSource } from '../models/model.ts';
import type { Model } from '../models/model.ts';
import { deltaReaders, wholeReaders } from '../models/readers.ts';
import { qualified } from '../models/relation-name.ts';
import type { Database, DatabaseTransaction } from './databases.ts';
import { readColumns } from './columns.ts';
import { tuneAutovacuum } from './deploy/autovacuum.ts';
import { defineView } from './deploy/catalog.ts';
import { noteLineage } from './deploy/column-lineage.ts';
import { grantOn } from './deploy/grants.ts';
import { grantToRoles } from './deploy/role-grants.ts';
import { deploySource } from './deploy/source.ts';
import { deployTarget } from './deploy/target.ts';
import type { Repository } from './repository.ts';

/**
 * Makes the database what the models' files say: bronze tables, targets, delta and touched views, tables of old images,
 * views, indexes, grants, and the lineage of every column. All or nothing, in dependency order; run again it changes
 * nothing; two at once wait for each other.
 *
 * @param db of an administrator or of `weir_migrator`: who first deploys owns the tables.
 * @throws ApplicationFailure `InvalidModel` (not retryable) naming the file that does not fit what is there.
 */
export async function deployModels(db: Database, { graph }: Pick<Repository, 'graph'>): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended('weir.deploy', 0))`.execute(trx);
    // now() in a model is the run's as-of time, in views too; and a name in SQL is no other schema's by accident.
    await sql`select set_config('search_path', 'as_of, pg_catalog', true), set_config('TimeZone', 'UTC', true)`.execute(
      trx,
    );
    for (const model of graph.models) await deployModel(trx, graph, model);
    await noteLineage(trx, graph);
  });
}

async function deployModel(trx: DatabaseTransaction, graph: Graph, model: Model): Promise<void> {
  if (model.kind === 'view') {
    await defineView(trx, model.file, qualified(model.layer, model.name), model.sql);
  } else if (isSource(model)) {
    const readers = [...deltaReaders(graph, model.name), ...wholeReaders(graph, model.name)];
    await deploySource(trx, model, readers);
    await deployDelta(trx, model);
  } else {
    await deployTarget(trx, model);
    await deployDelta(trx, model);
  }
  if (model.kind !== 'view') await tuneAutovacuum(trx, model.layer, model.name);
  await grantOn(trx, model);
  await grantToRoles(trx, model);
}

async function deployDelta(trx: DatabaseTransaction, model: Model): Promise<void> {
  const select = deltaView({
    schema: model.layer,
    name: model.name,
    columns: await readColumns(trx, model.layer, model.name),
    timeColumn: model.timeColumn,
    retractable: hasRevisions(model),
    hasChanges: isPublished(model),
  });
  await defineView(trx, model.file, qualified('delta', model.name), select);
}
