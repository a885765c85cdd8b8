import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { SourceModel } from '../../models/model.ts';
import { qualified, quoted } from '../../models/relation-name.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { define } from './statement.ts';

/** Days for which a deploy makes partitions. Housekeeping goes on from there, and a landing where that is late. */
const DAYS_AHEAD = 7;

/** Whether a source's table is partitioned by day of arrival. */
export async function isPartitioned(
  trx: DatabaseTransaction,
  { layer, name }: SourceModel,
): Promise<boolean> {
  const { rows } = await sql<{ partitioned: boolean }>`
    select relkind = 'p' as partitioned from pg_catalog.pg_class
    where oid = to_regclass(format('%I.%I', ${layer}::text, ${name}::text))`.execute(trx);
  return rows[0]?.partitioned === true;
}

/**
 * Notes how long a partitioned source's rows are kept and who reads them, hands its table to the migrator, whose
 * functions make and drop its partitions, and makes those of the next days.
 *
 * @param readers the models that read its delta, or the whole of it.
 */
export async function registerPartitioned(
  trx: DatabaseTransaction,
  { layer, name, retention }: SourceModel,
  readers: readonly string[],
): Promise<void> {
  await sql`
    insert into control.partitioned_source as p (source, retention_days, readers)
    values (${name}, ${retention?.days ?? null}, ${[...readers]})
    on conflict (source) do update set retention_days = excluded.retention_days, readers = excluded.readers
    where (p.retention_days, p.readers) is distinct from (excluded.retention_days, excluded.readers)`.execute(
    trx,
  );
  const { rows } = await sql<{ migrators: boolean }>`
    select pg_get_userbyid(relowner) = 'weir_migrator' as migrators from pg_catalog.pg_class
    where oid = to_regclass(format('%I.%I', ${layer}::text, ${name}::text))`.execute(trx);
  if (rows[0]?.migrators !== true) await handOver(trx, layer, name);
  await sql`select from control.ensure_bronze_partitions(${name}, ${DAYS_AHEAD})`.execute(trx);
}

async function handOver(trx: DatabaseTransaction, layer: string, name: string): Promise<void> {
  await define(trx, `alter table ${qualified(layer, name)} owner to weir_migrator`);
  const { rows } = await sql<{ partition: string }>`
    select c.relname as partition from pg_catalog.pg_inherits as i join pg_catalog.pg_class as c on c.oid = i.inhrelid
    where i.inhparent = to_regclass(format('%I.%I', ${layer}::text, ${name}::text))`.execute(trx);
  for (const { partition } of rows)
    await define(trx, `alter table ${qualified('bronze_partition', partition)} owner to weir_migrator`);
}

/**
 * Makes the partition for rows of days that have none. Rows are only in it when nobody could make their day's, and go
 * from it one by one: hence an index on the time of arrival.
 */
export async function addDefaultPartition(
  trx: DatabaseTransaction,
  { layer, name }: SourceModel,
): Promise<void> {
  const partition = await partitionName(trx, name, 'default');
  await define(
    trx,
    `create table ${partition.qualified} partition of ${qualified(layer, name)} default with (${await autovacuum(trx)})`,
  );
  await define(trx, `create index on ${partition.qualified} using brin ("loaded_at")`);
  await notePartition(trx, name, partition.name, null);
}

/**
 * Makes a table that was deployed unpartitioned the first partition of a partitioned one, up to tomorrow. Its rows stay
 * where they are, `_xid` and all: for every watermark nothing has happened. Attached as the default partition it would be
 * read through, with everybody shut out, whenever a day's partition is made.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) where views that are not Weir's would go on reading the old
 *   table.
 */
export async function convertToPartitioned(trx: DatabaseTransaction, model: SourceModel): Promise<void> {
  const { layer, name } = model;
  const table = qualified(layer, name);
  await define(trx, `lock table ${table} in access exclusive mode`);
  await forgetViews(trx, model);
  const { rows } = await sql<{ today: string; latest: string | null }>`
    select control.utc_day()::text as today, (max(loaded_at)::date)::text as latest from ${sql.id(layer, name)}`.execute(
    trx,
  );
  const { today = '', latest = null } = rows[0] ?? {};
  const last = latest !== null && latest > today ? latest : today;
  const before = await partitionName(trx, name, 'before');
  await define(trx, `alter table ${table} set schema bronze_partition`);
  await define(trx, `alter table ${qualified('bronze_partition', name)} rename to ${quoted(before.name)}`);
  await define(
    trx,
    `create table ${table} (like ${before.qualified} including defaults including storage including comments) partition by range ("loaded_at")`,
  );
  await copyGrants(trx, before.qualified, table);
  await define(
    trx,
    `alter table ${table} attach partition ${before.qualified} for values from (minvalue) to ('${dayAfter(last)}')`,
  );
  await define(trx, `create index on ${before.qualified} using brin ("loaded_at")`);
  await notePartition(trx, name, before.name, dayAfter(last));
  await addDefaultPartition(trx, model);
}

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

async function notePartition(
  trx: DatabaseTransaction,
  source: string,
  partition: string,
  toDay: string | null,
): Promise<void> {
  await define(trx, `grant maintain on ${qualified('bronze_partition', partition)} to weir_loader`);
  await sql`
    insert into control.partitioned_source (source, retention_days, readers) values (${source}, null, '{}')
    on conflict do nothing`.execute(trx);
  await sql`insert into control.bronze_partition (partition, source, to_day) values (${partition}, ${source}, ${toDay}::date)`.execute(
    trx,
  );
}

async function partitionName(
  trx: DatabaseTransaction,
  source: string,
  what: string,
): Promise<{ readonly name: string; readonly qualified: string }> {
  const { rows } = await sql<{ name: string }>`
    select control.bronze_partition_name(${source}, ${what}) as name`.execute(trx);
  const name = rows[0]?.name ?? '';
  return { name, qualified: qualified('bronze_partition', name) };
}

async function autovacuum(trx: DatabaseTransaction): Promise<string> {
  const { rows } = await sql<{ text: string }>`select control.bronze_autovacuum() as text`.execute(trx);
  return rows[0]?.text ?? '';
}

/**
 * Views follow a table that is renamed. Those that a deploy makes are made again by it, over the new table, once the note
 * of what they were made from is gone.
 */
async function forgetViews(
  trx: DatabaseTransaction,
  { file, layer, name, relation }: SourceModel,
): Promise<void> {
  const { rows } = await sql<{ schema: string; view: string; kind: string; weirs: boolean }>`
    select distinct n.nspname as schema, v.relname as view, v.relkind as kind,
      v.relkind = 'v' and coalesce(obj_description(v.oid, 'pg_class') like 'weir %', false) as weirs
    from pg_catalog.pg_depend as d
    join pg_catalog.pg_rewrite as w on w.oid = d.objid
    join pg_catalog.pg_class as v on v.oid = w.ev_class
    join pg_catalog.pg_namespace as n on n.oid = v.relnamespace
    where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
      and d.refobjid = to_regclass(format('%I.%I', ${layer}::text, ${name}::text))`.execute(trx);
  const others = rows.filter(({ weirs }) => !weirs).map(({ schema, view }) => `${schema}.${view}`);
  if (others.length > 0) {
    throw ApplicationFailure.nonRetryable(
      `${file}: ${relation} is to be partitioned, and ${others.join(', ')} would go on reading the table as it was. ` +
        `Drop ${others.length === 1 ? 'it' : 'them'}, deploy, and create ${others.length === 1 ? 'it' : 'them'} again.`,
      'InvalidModel',
    );
  }
  for (const { schema, view } of rows)
    await define(trx, `comment on view ${qualified(schema, view)} is null`);
}

/** Rights that somebody was given by hand; Weir's own are granted with every deploy. */
async function copyGrants(trx: DatabaseTransaction, from: string, to: string): Promise<void> {
  await sql`select set_config('weir.granted_from', ${from}, true), set_config('weir.granted_to', ${to}, true)`.execute(
    trx,
  );
  await sql`
    do $$
    declare one record;
    begin
      for one in
        select a.privilege_type, case a.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
        from pg_catalog.pg_class as c cross join lateral aclexplode(c.relacl) as a
        where c.oid = current_setting('weir.granted_from')::regclass and a.grantee <> c.relowner
      loop
        execute format('grant %s on %s to %s', one.privilege_type, current_setting('weir.granted_to'), one.grantee);
      end loop;
    end $$`.execute(trx);
}
