import { sql } from 'kysely';
import type { Batch } from '../../expectations/compile.ts';
import type { Claim, Known, KnownConstraint, KnownKey, KnownReference } from '../../expectations/proof.ts';
import type { Sql } from '../../expectations/scan.ts';
import { readProvedKeys } from '../../models/proved-keys.ts';
import type { DatabaseTransaction } from '../databases.ts';

/** What the catalogue says about a batch, as the transaction's snapshot sees it. */
export interface BatchConstraints extends Known {
  /** Whether a constraint could become valid while this is read: that shuts no reader out. */
  readonly unvalidated: boolean;
}

interface Row {
  readonly unsure: boolean;
  readonly unvalidated: boolean;
  readonly constraints: readonly KnownConstraint[];
  readonly keys: readonly { readonly name: string; readonly columns: readonly string[] }[];
  readonly refs: readonly (Omit<KnownReference, 'proof'> & { readonly name: string })[];
  readonly comment: string | null;
}

/**
 * Reads which constraints are certain to hold for every row of a batch that the transaction's snapshot sees, and lets
 * the planner use them in this transaction. From here on the relation is locked against whoever would change it.
 *
 * Null where nothing is certain: the relation has changed since the snapshot was taken, so that the planner may know
 * constraints that rows of the snapshot break; or it shows a foreign table, whose constraints nobody enforces; or calls
 * a function, which may read anything.
 *
 * @param wanted kinds of claims; what no other kind needs is not looked for.
 */
export async function readBatchConstraints(
  trx: DatabaseTransaction,
  { relation }: Pick<Batch, 'relation'>,
  wanted: ReadonlySet<Claim['kind']>,
): Promise<BatchConstraints | null> {
  const { rows } = await sql<Row>`
    with recursive ${reached(relation)}, ${shown(relation)}
    select (${isUnsure}) as unsure, (${isUnvalidated}) as unvalidated, (${constraints}) as constraints,
      (${wanted.has('unique') ? keys : none}) as keys, (${wanted.has('found') ? references : none}) as refs,
      (select obj_description(s.relid, 'pg_class') from shown s where s.schema = 'candidate') as comment,
      set_config('constraint_exclusion', 'on', true),
      (select count(*) from (select from ${sql.id(...relation)} limit 0) as locked)`.execute(trx);
  const [row] = rows;
  if (row === undefined || row.unsure) return null;
  const proved = readProvedKeys(row.comment);
  return {
    unvalidated: row.unvalidated,
    constraints: row.constraints,
    keys: [
      ...row.keys.map(({ name, columns }): KnownKey => {
        return { columns, proof: { by: 'constraint', text: `unique index ${name}` } };
      }),
      ...proved.map(({ columns, by }): KnownKey => ({ columns, proof: { by: 'statement', text: by } })),
    ],
    references: row.refs.map(({ name, ...reference }) => {
      return { ...reference, proof: { by: 'constraint', text: `foreign key ${name}` } };
    }),
  };
}

const none = sql`select '[]'::jsonb`;

/** The relation, what it is a view of, its children and partitions, and theirs. */
function reached([schema, name]: Batch['relation']): Sql {
  return sql`reached (relid) as (
    select c.oid from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${name}
    union
    select beneath.oid from reached r cross join lateral (
      select i.inhrelid as oid from pg_catalog.pg_inherits i where i.inhparent = r.relid
      union all
      select d.refobjid from pg_catalog.pg_class v
      join pg_catalog.pg_rewrite w on w.ev_class = v.oid
      join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
        and d.refclassid = 'pg_catalog.pg_class'::regclass
      where v.oid = r.relid and v.relkind = 'v'
    ) as beneath
  )`;
}

/** The table itself, where it is one; what holds for a parent alone says nothing of its children's rows. */
function shown([schema, name]: Batch['relation']): Sql {
  return sql`shown as (
    select c.oid as relid, c.relkind, n.nspname as schema from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${name} and c.oid in (select relid from reached)
      and (c.relkind = 'p' or c.relkind in ('r', 'm')
        and not exists (select from pg_catalog.pg_inherits i where i.inhparent = c.oid))
  )`;
}

/**
 * A row of the catalogue that the snapshot sees and that has been replaced since: its `xmax` is of a transaction that was
 * not over at the snapshot. An older one was rolled back.
 */
function isReplaced(alias: string): Sql {
  const xmax = sql.id(alias, 'xmax');
  return sql`(${xmax} <> '0' and age(${xmax}) <= age(pg_snapshot_xmin(pg_current_snapshot())::xid))`;
}

const isUnsure = sql`exists (
    select from reached join pg_catalog.pg_class c on c.oid = relid where ${isReplaced('c')} or c.relkind = 'f')
  or exists (
    select from reached join pg_catalog.pg_attribute a on a.attrelid = relid where a.attnum > 0 and ${isReplaced('a')})
  or exists (select from reached join pg_catalog.pg_constraint k on k.conrelid = relid where ${isReplaced('k')})
  or exists (
    select from reached join pg_catalog.pg_rewrite w on w.ev_class = relid
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid
    where d.refclassid = 'pg_catalog.pg_proc'::regclass)`;

const isUnvalidated = sql`exists (
  select from reached join pg_catalog.pg_constraint k on k.conrelid = relid
  where k.contype in ('c', 'n') and not k.convalidated)`;

/** Names of columns by their numbers, in that order; null where there are no numbers. */
function columnNames(relation: Sql, numbers: Sql): Sql {
  return sql`(select jsonb_agg(a.attname order by n.place) from unnest(${numbers}) with ordinality as n (attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = ${relation} and a.attnum = n.attnum)`;
}

/** Columns are null where any may be meant: a view can give them other names, but not those of what it shows unchanged. */
const constraints = sql`select coalesce(jsonb_agg(jsonb_build_object('kind', c.kind, 'name', c.name, 'columns',
    case when c.shown or not exists (
      select from reached join pg_catalog.pg_class v on v.oid = relid where v.relkind = 'v') then c.columns end)), '[]')
  from (
    select distinct case k.contype when 'c' then 'check' else 'not null' end as kind, k.conname as name,
      ${columnNames(sql`k.conrelid`, sql`k.conkey`)} as columns, k.conrelid in (select relid from shown) as shown
    from reached join pg_catalog.pg_constraint k on k.conrelid = relid
    where k.contype in ('c', 'n') and k.convalidated and k.conenforced
    union all
    select 'partition', p.relname, null, false from reached join pg_catalog.pg_class p on p.oid = relid where p.relpartbound is not null
  ) as c`;

/** Unique indexes that cover every row, at once, and take for equal what GROUP BY takes for equal. */
const keys = sql`select coalesce(jsonb_agg(jsonb_build_object('name', c.relname, 'columns',
    ${columnNames(sql`i.indrelid`, sql`(i.indkey::int2[])[0:i.indnkeyatts - 1]`)}) order by c.relname), '[]')
  from shown join pg_catalog.pg_index i on i.indrelid = relid
  join pg_catalog.pg_class c on c.oid = i.indexrelid
  join pg_catalog.pg_am m on m.oid = c.relam
  where i.indisunique and i.indimmediate and not i.indisexclusion and i.indisvalid and i.indisready and i.indislive
    and i.indpred is null and i.indexprs is null and m.amname = 'btree'
    and not exists (
      select from unnest(i.indkey::int2[], i.indcollation::oid[], i.indclass::oid[])
        with ordinality as k (attnum, collation_oid, class_oid, place)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      left join pg_catalog.pg_opclass o on o.oid = k.class_oid
      left join pg_catalog.pg_collation l on l.oid = k.collation_oid
      where k.place <= i.indnkeyatts and (
        o.opcdefault is not true or k.collation_oid <> a.attcollation
        -- An index that another version of the collation sorted may have let a repeated value in.
        or l.collversion <> pg_collation_actual_version(l.oid)
        or l.collprovider = 'd' and exists (
          select from pg_catalog.pg_database d where d.datname = current_database()
            and d.datcollversion <> pg_database_collation_actual_version(d.oid))
      )
    )`;

/**
 * Foreign keys of one column that is exactly like the one it refers to, with all their triggers on; of no table that
 * replication writes to, as that fires none of them.
 *
 * @see https://www.postgresql.org/docs/18/logical-replication-architecture.html
 */
const references = sql`select coalesce(jsonb_agg(jsonb_build_object('name', k.conname, 'column', a.attname,
    'relation', jsonb_build_array(n.nspname, c.relname), 'other', b.attname)), '[]')
  from shown s join pg_catalog.pg_constraint k on k.conrelid = s.relid
  join pg_catalog.pg_class c on c.oid = k.confrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
  join pg_catalog.pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
  left join pg_catalog.pg_collation l on l.oid = a.attcollation
  where k.contype = 'f' and cardinality(k.conkey) = 1 and k.convalidated and k.conenforced and not k.conperiod
    and s.relkind = 'r' and c.relkind = 'r'
    and a.atttypid = b.atttypid and a.attcollation = b.attcollation and l.collisdeterministic is not false
    and not exists (select from pg_catalog.pg_subscription_rel p where p.srrelid in (k.conrelid, k.confrelid))
    and not exists (
      select from pg_catalog.pg_trigger t where t.tgconstraint = k.oid and t.tgenabled not in ('O', 'A'))`;
