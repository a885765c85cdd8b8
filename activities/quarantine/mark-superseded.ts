import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isPublished, isSource, versionColumns } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import { columnsOf, rowOf, sameKey, version } from '../../models/statements/columns.ts';
import { selectOf } from '../../models/statements/select-of.ts';
import type { Database, DatabaseTransaction } from '../databases.ts';
import { applyWindow } from '../load-window.ts';
import { placeIn } from './kept-rows.ts';
import { sourceOf } from './source-of.ts';

/** Numbers of rows in quarantine, and why there is nothing to release of each any more. */
type Found = RawBuilder<{ id: number; reason: string }>;

/**
 * Marks what nobody needs to mend any more: rows of files that came again, rows that were overtaken by a later version
 * of their key, and rows whose load was given up. What is released all the same would lose by the version rule; the
 * mark only tells people. Cheap where nothing waits.
 *
 * @param db a pool of the loader or an administrator.
 * @returns how many were marked.
 */
export async function markSuperseded(db: Database, graph: Graph): Promise<number> {
  return db.transaction().execute(async (trx) => {
    let marked = 0;
    for (const model of graph.models.filter(isSource))
      marked += await mark(trx, 'quarantine', retractedRecords(model.name, model.relation));
    marked += await mark(trx, 'batch_quarantine', givenUp);
    for (const model of graph.models.filter(isPublished)) marked += await markOf(trx, graph, model);
    return marked;
  });
}

async function markOf(trx: DatabaseTransaction, graph: Graph, model: PublishedModel): Promise<number> {
  const source = sourceOf(graph, model.name);
  let marked = 0;
  if (source !== null) {
    marked += await mark(trx, 'quarantine', retractedRecords(source.name, model.relation));
    marked += await mark(trx, 'batch_quarantine', retractedRows(source.name, model));
  }
  marked += await mark(trx, 'batch_quarantine', setAsideAgain(model));
  if (model.shape.kind === 'whole') return marked + (await mark(trx, 'batch_quarantine', madeAgain(model)));
  if (model.shape.kind === 'touched')
    return marked + (await mark(trx, 'batch_quarantine', computedAgain(model)));
  marked += await mark(trx, 'batch_quarantine', overtakenOutput(model));
  for (const xid of await waitingXids(trx, model)) {
    // Only the rows that came with those that wait, found by the index.
    const next = String(BigInt(xid) + 1n);
    const deltas = { [model.shape.delta]: { from: `${xid}:${xid}:`, to: `${next}:${next}:` } };
    await applyWindow(trx, { kind: 'arrival', deltas }, new Date(0).toISOString());
    marked += await mark(trx, 'batch_quarantine', overtakenInput(model));
  }
  return marked;
}

/** Notes why, beside it who: Weir itself. Where a window is set, `now()` alone is its as-of time. */
async function mark(
  trx: DatabaseTransaction,
  keptIn: 'quarantine' | 'batch_quarantine',
  found: Found,
): Promise<number> {
  const id = sql.ref(`q.${keptIn}_id`);
  const rows = keptIn === 'quarantine';
  const place = rows
    ? sql`split_part(c.relation, '.', 2), c.file, c.revision, c.position`
    : sql`c.model, ${placeIn('c')}`;
  const { numAffectedRows } = await sql`
    with found as materialized (${found}), c as (
      update ${sql.table(`control.${keptIn}`)} as q
      set state = 'superseded', expires_at = least(q.expires_at, pg_catalog.now() + interval '30 days')
      from found where ${id} = found.id and q.state = 'waiting'
      returning q.*, found.reason as why
    )
    insert into control.quarantine_decision
      (kept_in, kept_id, decision, reason, decided_by, relation, _source, _revision, _position)
    select ${keptIn}, ${sql.ref(`c.${keptIn}_id`)}, 'superseded', c.why, 'weir', ${place} from c`.execute(
    trx,
  );
  return Number(numAffectedRows ?? 0n);
}

const cameAgain = sql`'its file came again as revision ' || r.replaced_by`;

function retractedRecords(source: string, relation: string): Found {
  return sql`select q.quarantine_id as id, ${cameAgain} as reason from control.quarantine as q
    join control.retraction as r on r.source = ${source} and r.file = q.file and r.revision = q.revision
    where q.state = 'waiting' and q.relation = ${relation}`;
}

function waiting(model: PublishedModel, gate: 'input' | 'output'): RawBuilder<unknown> {
  return sql`q.state = 'waiting' and q.model = ${model.name} and q.gate = ${gate}`;
}

function retractedRows(source: string, model: PublishedModel): Found {
  return sql`select q.batch_quarantine_id as id, ${cameAgain} as reason from control.batch_quarantine as q
    join control.retraction as r on r.source = ${source} and r.file = coalesce(q._source, q.record ->> '_source')
      and r.revision = coalesce(q._revision, (q.record ->> '_revision')::int)
    where q.state = 'waiting' and q.model = ${model.name}`;
}

const givenUp: Found = sql`
  select q.batch_quarantine_id as id, 'load ' || q.load_id || ' was given up: its rows come with a later one' as reason
  from control.batch_quarantine as q join control.load as l on l.load_id = q.load_id
  where q.state = 'waiting' and l.state = 'abandoned'`;

/** By place; of a model whose rows have none, by key. */
function setAsideAgain(model: PublishedModel): Found {
  const of = (alias: string) =>
    model.shape.kind === 'map'
      ? placeIn(alias)
      : sql.join(model.uniqueKey.map((name) => sql`${sql.ref(`${alias}.record`)} -> ${name}`));
  return sql`select q.batch_quarantine_id as id, min('set aside again by load ' || later.load_id) as reason
    from control.batch_quarantine as q
    join control.batch_quarantine as later on later.model = q.model and later.load_id > q.load_id
      and (${of('later')}) = (${of('q')})
    join control.load as l on l.load_id = later.load_id and l.state = 'published'
    where q.state = 'waiting' and q.model = ${model.name}
    group by q.batch_quarantine_id`;
}

function madeAgain(model: PublishedModel): Found {
  return sql`select q.batch_quarantine_id as id, min('made again by load ' || l.load_id) as reason
    from control.batch_quarantine as q
    join control.load as l on l.model = q.model and l.load_id > q.load_id and l.state = 'published'
    where q.state = 'waiting' and q.model = ${model.name}
    group by q.batch_quarantine_id`;
}

/** Its key has been written since the window of the load that set it aside was opened: that load left the key as it stood. */
function computedAgain(model: PublishedModel): Found {
  const { relation, uniqueKey } = model;
  return sql`select q.batch_quarantine_id as id, 'its key has been computed again and published since' as reason
    from control.batch_quarantine as q join control.load as l on l.load_id = q.load_id and l.state = 'published'
    cross join lateral pg_catalog.jsonb_populate_record(null::${sql.table(relation)}, q.record) as aside
    join ${sql.table(relation)} as t on ${sameKey('t', 'aside', uniqueKey)}
    where ${waiting(model, 'output')} and not exists (
      select from jsonb_path_query(l.read_window, 'strict $.**.to') as bound (seen)
      where pg_visible_in_snapshot(t._xid, (bound.seen #>> '{}')::pg_snapshot)
    )`;
}

const overtaken = 'its key has been published since in this version or a later one';

function overtakenOutput(model: PublishedModel): Found {
  const { relation, uniqueKey } = model;
  return sql`select q.batch_quarantine_id as id, ${overtaken} as reason from control.batch_quarantine as q
    cross join lateral pg_catalog.jsonb_populate_record(null::${sql.table(relation)}, q.record) as aside
    join ${sql.table(relation)} as t on ${sameKey('t', 'aside', uniqueKey)}
      and ${rowOf('t', version)} >= ${rowOf('aside', version)}
    where ${waiting(model, 'output')}`;
}

/** The transactions that last wrote the rows that an input gate has set aside and that wait. */
async function waitingXids(trx: DatabaseTransaction, model: PublishedModel): Promise<readonly string[]> {
  const { rows } = await sql<{ xid: string }>`
    select distinct q.record ->> '_xid' as xid from control.batch_quarantine as q
    where ${waiting(model, 'input')} and q.record ? '_xid'`.execute(trx);
  return rows.map(({ xid }) => xid);
}

/** The key of a row before the SELECT is what the SELECT makes of it. */
function overtakenInput(model: PublishedModel): Found {
  return sql`select distinct q.batch_quarantine_id as id, ${overtaken} as reason
    from ${selectOf(model)} as selected
    join control.batch_quarantine as q on ${sameKey('q', 'selected', versionColumns)}
    join ${sql.table(model.relation)} as t on ${sameKey('t', 'selected', model.uniqueKey)}
      and ${rowOf('t', version)} >= ${rowOf('selected', version)}
    where ${waiting(model, 'input')} and (${columnsOf('selected', model.uniqueKey)}) is not null`;
}
