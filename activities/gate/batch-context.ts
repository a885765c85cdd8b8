import { sql } from 'kysely';
import { PLACE } from '../../expectations/batch-context.ts';
import type { BatchContext, Identity, PublishedTable } from '../../expectations/batch-context.ts';
import type { Batch } from '../../expectations/compile.ts';
import type { CatalogueColumn } from '../../expectations/scan.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { Gate } from '../../expectations/verdict.ts';
import type { Graph } from '../../models/graph.ts';
import { selectedColumns } from '../../models/history-columns.ts';
import { isPublished, isSource, isState } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import { retractedIn } from '../../models/statements/window-condition.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import { retractionScope } from '../empty-window.ts';
import type { LoadRow } from '../load.ts';
import { hashColumns } from '../target.ts';
import { readBatchColumns } from './batch-columns.ts';
import { readPastFigures } from './figures.ts';

/** The gate that a batch is judged at. */
export interface Judged {
  readonly suite: Suite;
  readonly model: PublishedModel;
  readonly graph: Graph;
  readonly gate: Gate;
  readonly load: LoadRow;
}

/**
 * A batch with what its suite asks about beside it: the published table, earlier figures, whether rows have an order of
 * their own. A suite that asks nothing of that costs no query.
 *
 * @param trx on the login of the gates, with the snapshot that the batch is read in.
 * @param loader for the books, which that login may not read.
 */
export async function withGateContext(
  trx: DatabaseTransaction,
  loader: Database,
  batch: Batch,
  judged: Judged,
): Promise<Batch> {
  const { suite, model, gate, load } = judged;
  const asks = needsOf(suite);
  if (asks.size === 0) return batch;
  const context: BatchContext = {
    published: asks.has('published') ? await readPublished(trx, loader, batch, judged) : null,
    past: asks.has('past')
      ? await readPastFigures(loader, { loadId: load.loadId, model: model.name, gate })
      : new Map(),
    physical: asks.has('order') && (await hasPhysicalOrder(trx, batch)),
  };
  return { ...batch, context };
}

/**
 * The same outside of a gate, where nothing is known of earlier loads.
 *
 * @param published a table to take for the published one; null for none.
 */
export async function withTableContext(
  trx: DatabaseTransaction,
  batch: Batch,
  suite: Suite,
  published: readonly [schema: string, name: string] | null,
): Promise<Batch> {
  const asks = needsOf(suite);
  if (asks.size === 0) return batch;
  const table = asks.has('published') ? published : null;
  const context: BatchContext = {
    published: table === null ? null : await readTable(trx, table, batch.columns),
    past: new Map(),
    physical: asks.has('order') && (await hasPhysicalOrder(trx, batch)),
  };
  return { ...batch, context };
}

function needsOf({ expectations }: Suite): ReadonlySet<string> {
  return new Set(expectations.flatMap(({ kind }) => kind.needs));
}

/** A table as it is; rows are the same by their place where both have one, else each is another. */
async function readTable(
  trx: DatabaseTransaction,
  relation: PublishedTable['relation'],
  asked: Batch['columns'],
): Promise<PublishedTable> {
  const [schema, table] = relation;
  const columns = await readBatchColumns(trx, { schema, table });
  return {
    relation,
    columns: columns.size === 0 ? null : [...columns.values()],
    indexed: await readIndexed(trx, relation),
    identity: PLACE.every((name) => columns.has(name) && asked.has(name)) ? { kind: 'place' } : null,
    isCandidate: true,
  };
}

async function readPublished(
  trx: DatabaseTransaction,
  loader: Database,
  batch: Batch,
  { model, graph, gate, load }: Judged,
): Promise<PublishedTable> {
  const table = await readTable(trx, [model.layer, model.name], batch.columns);
  const noted = await loader
    .selectFrom('control.target')
    .select(['publishes', 'columns_hash'])
    .where('model', '=', model.name)
    .executeTakeFirst();
  return {
    ...table,
    columns:
      (noted?.publishes ?? 0) === 0 || table.columns === null
        ? null
        : asPublished(selectedColumns(model, table.columns), noted?.columns_hash ?? null),
    identity: identityOf(model, graph),
    retracted: await readRetracted(loader, model, load),
    isCandidate: gate === 'output',
  };
}

async function readRetracted(
  loader: Database,
  model: PublishedModel,
  load: LoadRow,
): Promise<NonNullable<PublishedTable['retracted']>> {
  const scope = retractionScope(model, load.window);
  if (scope === null) return [];
  const retracted = retractedIn(scope.delta, scope.bounds);
  const { rows } = await sql<{ readonly file: string; readonly revision: number }>`${retracted}`.execute(
    loader,
  );
  return rows;
}

/**
 * The columns that a table had when it was last published. It may have got further ones since, at its end, which no
 * load has filled yet: those beyond the columns whose hash was noted. Where none fit, the columns as they are.
 */
function asPublished(own: readonly CatalogueColumn[], noted: string | null): readonly CatalogueColumn[] {
  const lengths = own.map((_, place) => own.length - place);
  const fitting = lengths.find((length) => hashColumns(own.slice(0, length)) === noted);
  return fitting === undefined ? own : own.slice(0, fitting);
}

/** Rows of a file keep their place, also through the models that map them; all others have only their key. */
function identityOf(model: PublishedModel, graph: Graph): Identity {
  const key: Identity = { kind: 'key', columns: model.uniqueKey };
  if (model.shape.kind !== 'map') return key;
  const upstream = graph.byName.get(model.shape.delta);
  if (upstream === undefined) return key;
  if (isSource(upstream)) return isState(upstream) ? key : { kind: 'place' };
  return isPublished(upstream) && identityOf(upstream, graph).kind === 'place' ? { kind: 'place' } : key;
}

/** First columns of indexes that hold every row and can be asked for one value. */
async function readIndexed(
  trx: DatabaseTransaction,
  [schema, name]: PublishedTable['relation'],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ readonly name: string }>`
    select distinct a.attname as name
    from pg_catalog.pg_index as i
    join pg_catalog.pg_class as c on c.oid = i.indexrelid
    join pg_catalog.pg_am as m on m.oid = c.relam
    join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    join pg_catalog.pg_class as t on t.oid = i.indrelid
    join pg_catalog.pg_namespace as n on n.oid = t.relnamespace
    where n.nspname = ${schema} and t.relname = ${name} and m.amname in ('btree', 'hash')
      and i.indisvalid and i.indisready and i.indpred is null`.execute(trx);
  return new Set(rows.map((row) => row.name));
}

async function hasPhysicalOrder(
  trx: DatabaseTransaction,
  { relation: [schema, name] }: Batch,
): Promise<boolean> {
  const { rows } = await sql<{ readonly kind: string }>`
    select c.relkind as kind from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${name}`.execute(trx);
  return rows.some(({ kind }) => kind === 'r' || kind === 'm');
}
