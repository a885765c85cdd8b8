import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import type { Database, DatabaseTransaction } from './databases.ts';
import { define } from './deploy/statement.ts';
import { takeSnapshot } from './snapshot.ts';
import type { TakenSnapshot } from './snapshot.ts';

/** Whose watermarks are adopted, by whom and why. */
export interface Adoption {
  /** A model; null for all of them. */
  readonly model: string | null;
  /**
   * Give every row a `_xid` of this database, as after a dump and restore: those that the watermarks have passed an old
   * one, the others a new one, so that they arrive.
   */
  readonly rewriteXids: boolean;
  readonly reason: string;
  readonly by: string;
}

/** A watermark that was adopted. */
export interface Adopted {
  readonly model: string;
  readonly relation: string;
}

/** Thrown where adopting would lose rows; nothing was changed. */
export class AdoptionRefused extends Error {
  override readonly name = 'AdoptionRefused';
}

/**
 * Says that watermarks are good for this database, after a restore, an upgrade or a failover: they name its origin from
 * then on, and loads go on from them. Each is an append-only audit row.
 *
 * @param db a pool of an administrator.
 * @throws ApplicationFailure `WatermarkForeign` on a standby; AdoptionRefused where every watermark is of this database
 *   already, and where a `_xid` or a watermark is ahead of it, whose transactions would be taken for published before they
 *   begin.
 */
export async function adoptWatermarks(db: Database, adoption: Adoption): Promise<readonly Adopted[]> {
  if (adoption.rewriteXids && adoption.model !== null)
    throw new AdoptionRefused(
      'Rows have one _xid for all who read them: rewriting goes with --all, not with one model.',
    );
  const taken = await takeSnapshot(db); // Before the transaction that writes: what it rewrites is to arrive.
  return db.transaction().execute(async (trx) => {
    const relations = await lockWatermarks(trx, adoption, taken);
    if (adoption.rewriteXids) await rewriteXids(trx);
    else await refuseAhead(trx, adoption.model, relations, taken);
    return note(trx, adoption, taken);
  });
}

async function lockWatermarks(
  trx: DatabaseTransaction,
  { model, rewriteXids: rewritten }: Adoption,
  { systemIdentifier, timeline }: TakenSnapshot,
): Promise<readonly string[]> {
  const rows = await trx
    .selectFrom('control.watermark')
    .select(['model', 'relation', 'system_identifier', 'timeline'])
    .$if(model !== null, (query) => query.where('model', '=', model ?? ''))
    .orderBy('model')
    .orderBy('relation')
    .forUpdate()
    .execute();
  if (rows.length === 0)
    throw new AdoptionRefused(
      model === null
        ? 'There is no watermark yet: nothing to adopt.'
        : `${model} has no watermark: nothing to adopt.`,
    );
  const here = rows.every((row) => row.system_identifier === systemIdentifier && row.timeline === timeline);
  if (here && !rewritten)
    throw new AdoptionRefused(
      `${model === null ? 'Every watermark' : `The watermark of ${model}`} is of this database already: nothing to adopt.`,
    );
  return [...new Set(rows.map(({ relation }) => relation))];
}

interface XidTable {
  readonly schema: string;
  readonly name: string;
}

/** Every table whose rows say which transaction wrote them; partitions through their parent. */
async function xidTables(trx: DatabaseTransaction): Promise<readonly XidTable[]> {
  const { rows } = await sql<XidTable>`
    select n.nspname as schema, c.relname as name from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attname = '_xid' and a.atttypid = 'xid8'::regtype
    where c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname in ('bronze', 'silver', 'gold', 'semantic', 'changes', 'control')
    order by 1, 2`.execute(trx);
  return rows;
}

const howToRewrite =
  'This database was restored from a dump, whose transaction ids are those of another. Run ' +
  '`weir watermark adopt --all --rewrite-xid --reason …`: it gives rows that were published an old _xid and the others a new one.';

/** Rows ahead would arrive once more when the count of transactions comes by; a watermark ahead would pass rows over. */
async function refuseAhead(
  trx: DatabaseTransaction,
  model: string | null,
  relations: readonly string[],
  { snapshot }: TakenSnapshot,
): Promise<void> {
  const tables = (await xidTables(trx)).filter(
    ({ schema, name }) => schema === 'control' || model === null || relations.includes(name),
  );
  for (const { schema, name } of tables) {
    const { rows } = await sql<{ ahead: boolean }>`
      select exists (select from ${sql.id(schema, name)} where _xid >= pg_snapshot_xmax(${snapshot}::pg_snapshot)) as ahead`.execute(
      trx,
    );
    if (rows[0]?.ahead === true)
      throw new AdoptionRefused(
        `Rows of ${schema}.${name} have a _xid that this database has not come to. ${howToRewrite}`,
      );
  }
  const { rows } = await sql<{ model: string }>`
    select distinct model from control.watermark
    where (${model}::text is null or model = ${model}) and pg_snapshot_xmax(snapshot) > pg_snapshot_xmax(${snapshot}::pg_snapshot)`.execute(
    trx,
  );
  if (rows.length > 0)
    throw new AdoptionRefused(
      `The watermark of ${rows.map((row) => row.model).join(', ')} is ahead of this database. ${howToRewrite}`,
    );
}

/** The first transaction id that is neither reserved nor frozen: every snapshot of a database in use sees it. */
const OLD_XID = '3';

async function rewriteXids(trx: DatabaseTransaction): Promise<void> {
  await define(trx, 'alter table control.retraction disable trigger append_only');
  for (const { schema, name } of await xidTables(trx)) {
    const relation = schema === 'control' ? null : name;
    await sql`update ${sql.id(schema, name)} as t
      set _xid = case when ${passed(relation)} then ${OLD_XID}::xid8 else pg_current_xact_id() end`.execute(
      trx,
    );
  }
  await define(trx, 'alter table control.retraction enable trigger append_only');
}

/** True for rows that every watermark has passed on the relation; of a control table, every watermark there is. */
function passed(relation: string | null): RawBuilder<unknown> {
  const of = relation === null ? sql`true` : sql`w.relation = ${relation}`;
  return sql`not exists (
    select from control.watermark as w where ${of} and not pg_visible_in_snapshot(t._xid, w.snapshot)
  )`;
}

async function note(
  trx: DatabaseTransaction,
  { model, rewriteXids: rewritten, reason, by }: Adoption,
  { snapshot, systemIdentifier, timeline }: TakenSnapshot,
): Promise<readonly Adopted[]> {
  const { rows } = await sql<Adopted>`
    with before as (
      select * from control.watermark where ${model}::text is null or model = ${model}
    ), adopted as (
      update control.watermark as w
      set system_identifier = ${systemIdentifier}, timeline = ${timeline},
        snapshot = ${rewritten ? sql`${snapshot}::pg_snapshot` : sql`w.snapshot`}
      from before as b where (b.model, b.relation) = (w.model, w.relation)
      returning w.*
    ), audited as (
      insert into control.watermark_adoption (model, relation, snapshot_before, system_identifier_before, timeline_before,
        snapshot, system_identifier, timeline, xids_rewritten, reason, decided_by)
      select b.model, b.relation, b.snapshot, b.system_identifier, b.timeline,
        a.snapshot, a.system_identifier, a.timeline, ${rewritten}, ${reason}, ${by}
      from before as b join adopted as a on (a.model, a.relation) = (b.model, b.relation)
    )
    select model, relation from adopted order by 1, 2`.execute(trx);
  return rows;
}
