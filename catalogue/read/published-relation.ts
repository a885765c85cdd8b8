import { sql } from 'kysely';
import { redactText } from '../../expectations/redact.ts';
import type { Model } from '../../models/model.ts';
import type { Site } from '../site.ts';

/** What Postgres's catalog knows of a model's relation. */
export interface PublishedRelation {
  readonly columns: readonly RelationColumn[];
  /** As Postgres last counted it; null where it never did, and of views. */
  readonly rows: number | null;
  /** The same of its size, indexes included. */
  readonly bytes: number | null;
  readonly readers: readonly Reader[];
  /** Its file builds something else than what published it last. */
  readonly sqlChanged: boolean;
}

/** A column as it is published. */
export interface RelationColumn {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
}

/** A role that may read a relation. */
export interface Reader {
  /** `PUBLIC` is everybody. */
  readonly role: string;
  /** It may also enter the schema, without which the grant gives nothing. */
  readonly reaches: boolean;
  /** By the model's header. */
  readonly byHeader: boolean;
  readonly owns: boolean;
}

interface Row {
  readonly oid: number;
  readonly rows: number | null;
  readonly bytes: number | null;
}

/** Reads what is published of a model; null before it has been deployed. Asks the catalog alone, never the relation. */
export async function readPublishedRelation(
  { database }: Site,
  model: Model,
): Promise<PublishedRelation | null> {
  const found = await sql<Row>`
    select c.oid, sizes.rows, case when sizes.rows is not null then sizes.pages * current_setting('block_size')::int end as bytes
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    -- As it was counted last: to measure now would wait for whoever alters the table.
    cross join lateral (
      select sum(part.reltuples) filter (where part.reltuples >= 0)::float8 as rows,
        sum(part.relpages + coalesce(toast.relpages, 0) + coalesce(indexes.pages, 0))::float8 as pages
      from (select c.oid union all select i.inhrelid from pg_catalog.pg_inherits as i where i.inhparent = c.oid) as member (oid)
      join pg_catalog.pg_class as part on part.oid = member.oid and part.relkind = 'r'
      left join pg_catalog.pg_class as toast on toast.oid = part.reltoastrelid
      cross join lateral (
        select sum(own.relpages) as pages from pg_catalog.pg_index as i join pg_catalog.pg_class as own on own.oid = i.indexrelid
        where i.indrelid = part.oid
      ) as indexes
    ) as sizes
    where n.nspname = ${model.layer} and c.relname = ${model.name}`.execute(database);
  const relation = found.rows[0];
  if (relation === undefined) return null;
  const { oid, rows, bytes } = relation;
  const [columns, readers, changed] = await Promise.all([
    sql<RelationColumn>`
      select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required
      from pg_catalog.pg_attribute as a where a.attrelid = ${oid} and a.attnum > 0 and not a.attisdropped
      order by a.attnum`.execute(database),
    readersOf(oid, model).execute(database),
    sql`select from control.target as t where t.model = ${model.name} and t.sql_hash <> ${model.sqlHash}`.execute(
      database,
    ),
  ]);
  return {
    columns: columns.rows,
    rows,
    bytes,
    readers: readers.rows.map((one) => ({ ...one, role: redactText(one.role) })),
    sqlChanged: changed.rows.length > 0,
  };
}

/** Who was granted the relation, by whatever hand, and its owner. */
function readersOf(oid: number, { relation }: Model) {
  return sql<Reader>`
    select given.role, given.owns,
      case when given.role_oid = 0 then bool_or(given.public_reaches) else has_schema_privilege(given.role_oid, given.schema, 'usage') end as reaches,
      exists (select from control.role_grant as g where g.object = ${relation} and g.role_name = given.role) as "byHeader"
    from (
      select granted.grantee as role_oid, coalesce(r.rolname::text, 'PUBLIC') as role, granted.grantee = c.relowner as owns,
        c.relnamespace as schema,
        exists (select from aclexplode(n.nspacl) as s where s.grantee = 0 and s.privilege_type = 'USAGE') as public_reaches
      from pg_catalog.pg_class as c
      join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
      cross join lateral aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) as granted
      left join pg_catalog.pg_roles as r on r.oid = granted.grantee
      where c.oid = ${oid} and granted.privilege_type = 'SELECT'
    ) as given
    group by given.role_oid, given.role, given.owns, given.schema
    order by given.owns, given.role`;
}
