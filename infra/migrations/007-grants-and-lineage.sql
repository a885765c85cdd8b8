-- What deploy granted because a header says so: only that is taken back when the header no longer does.
create table control.role_grant (
  object text not null,  -- gold.dim_stores, or schema gold
  role_name text not null,
  granted_at timestamptz not null default pg_catalog.now(),
  primary key (object, role_name)
);

-- Where the values of each column come from, as the models' SQL says: written anew by every deploy.
create table control.column_lineage (
  model text not null,          -- gold.fct_daily_sales
  column_name text not null,    -- * where the origin has an influence on which rows there are
  from_relation text not null,  -- silver.stg_transactions
  from_column text not null,
  how text not null check (how in ('copied', 'computed', 'rows', 'recomputed')),
  file text not null,
  line int not null,
  primary key (model, column_name, from_relation, from_column, how)
);
create index on control.column_lineage (from_relation, from_column);

grant select on control.column_lineage to weir_loader;

-- Targets whose header asks for partitions. weir_migrator owns them and the function that makes partitions, so that the
-- publisher who runs it needs no right to make tables, and gets none beyond these.
create schema target_partition;  -- days and months of targets: read through their tables, granted to nobody

do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant weir_migrator to %I with inherit true, set true', current_user);
  end if;
end
$$;
grant usage, create on schema silver, gold, target_partition to weir_migrator;

create table control.partitioned_target (
  model text primary key,  -- fct_daily_sales
  layer text not null,
  column_name text not null,
  zoned boolean not null,  -- timestamp with time zone: days are UTC's
  unit text not null check (unit in ('day', 'month'))
);
grant usage on schema control to weir_migrator;
grant select on control.partitioned_target to weir_migrator, weir_publisher;

-- fct_daily_sales_20170131, fct_daily_sales_201701. A long name keeps apart from another of the same beginning by its hash.
create function control.target_partition_name(model text, what text) returns text language sql immutable parallel safe as $$
  select case when length(model) > 50 then left(model, 41) || '_' || left(md5(model), 8) else model end || '_' || what
$$;

-- Makes the partitions of a target that some days need and that are not there: at most 1000 at once, so that dates gone
-- wild make no heap of tables. Rows of a day without one are in the default partition: where somebody reads that for long,
-- and for ever where rows of the day are in it already. ATTACH shuts out only who reads the default partition; CREATE TABLE …
-- PARTITION OF would shut out every reader of the target (https://www.postgresql.org/docs/18/ddl-partitioning.html).
create function control.ensure_target_partitions(model text, days date[]) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '800ms' set timezone = 'UTC' as $$
#variable_conflict use_variable
declare
  target control.partitioned_target;
  first_day date;
  name text;
  made int := 0;
begin
  select t.* into target from control.partitioned_target as t where t.model = ensure_target_partitions.model;
  if target.model is null then
    raise exception '% is no partitioned target', coalesce(model, 'NULL') using errcode = 'invalid_parameter_value';
  end if;
  for first_day in
    select distinct date_trunc(target.unit, d::timestamp)::date from unnest(days) as d
    where isfinite(d) order by 1 limit 1000
  loop
    name := control.target_partition_name(target.model, to_char(first_day, case target.unit when 'day' then 'YYYYMMDD' else 'YYYYMM' end));
    continue when to_regclass(format('target_partition.%I', name)) is not null;
    begin
      perform pg_advisory_xact_lock(hashtextextended('weir.partitions ' || target.model, 0));
      continue when to_regclass(format('target_partition.%I', name)) is not null;
      execute format('create table target_partition.%I (like %I.%I including all)', name, target.layer, target.model);
      execute format('alter table %I.%I attach partition target_partition.%I for values from (%L) to (%L)', target.layer,
        target.model, name, first_day, (first_day + ('1 ' || target.unit)::interval)::date);
      made := made + 1;
    exception
      when check_violation then null;
      when lock_not_available then exit;
    end;
  end loop;
  return made;
end
$$;

grant create on schema control to weir_migrator;
alter function control.ensure_target_partitions(text, date[]) owner to weir_migrator;
revoke create on schema control from weir_migrator;
revoke execute on function control.ensure_target_partitions(text, date[]) from public;
grant execute on function control.ensure_target_partitions(text, date[]) to weir_publisher;
