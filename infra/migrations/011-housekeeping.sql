-- Bronze by day, and what retention has taken of it. A source whose header names a retention is a table partitioned by
-- range of loaded_at. weir_migrator owns it and the functions below, so that who runs them needs no right to make or
-- drop tables, and they none beyond these tables.

create schema bronze_partition;  -- the days of bronze tables: read and written through bronze alone

do $$
begin
  if not (select rolsuper from pg_roles where rolname = current_user) then
    -- What a superuser may do anyway: hand tables over to the migrator, and alter them afterwards.
    execute format('grant weir_migrator to %I with inherit true, set true', current_user);
  end if;
end
$$;
grant usage, create on schema bronze, bronze_partition to weir_migrator;
grant usage on schema control to weir_migrator;
grant usage on schema bronze_partition to weir_loader;  -- to gather statistics

-- The sources that are partitioned, as deployed last.
create table control.partitioned_source (
  source text primary key,                              -- raw_transactions: a table of bronze
  retention_days int check (retention_days > 0),        -- NULL: still partitioned, and kept for ever
  readers text[] not null                               -- the models that read its delta
);

create table control.bronze_partition (
  partition text primary key,                           -- its name in bronze_partition
  source text not null references control.partitioned_source,
  from_day date,                                        -- NULL: from the beginning
  to_day date,                                          -- not included; both NULL: the default partition
  made_at timestamptz not null default pg_catalog.now()
);
create index on control.bronze_partition (source, to_day);

-- What retention has taken: a whole partition, or expired rows of one that is not by day. A replay of a window that
-- saw one of these transactions cannot read what the load read.
create table control.dropped_partition (
  dropped_partition_id bigint generated always as identity primary key,
  relation text not null,                               -- raw_transactions, as in control.watermark
  partition text not null,
  from_day date,                                        -- of arrival; half-open
  to_day date,
  rows bigint not null,
  min_xid xid8,
  max_xid xid8,
  dropped_at timestamptz not null default pg_catalog.now()
);
create index on control.dropped_partition (relation, max_xid);

grant select on control.partitioned_source, control.bronze_partition, control.watermark, control.load to weir_migrator;
grant select on control.quarantine, control.batch_quarantine, control.landing to weir_migrator;  -- see control.waiting_days
grant insert, delete on control.bronze_partition to weir_migrator;
grant select, insert, update on control.dropped_partition to weir_migrator;
grant maintain on control.load to weir_migrator;  -- to lock it for the length of a small delete
grant select on control.partitioned_source, control.bronze_partition, control.dropped_partition to weir_loader, weir_publisher;

-- Today by arrival: loaded_at is UTC without a zone.
create function control.utc_day() returns date language sql stable parallel safe as $$
  select (pg_catalog.now() at time zone 'UTC')::date
$$;

-- raw_transactions_20170131. A long name keeps apart from another of the same beginning by its hash.
create function control.bronze_partition_name(source text, what text) returns text language sql immutable parallel safe as $$
  select case when length(source) > 50 then left(source, 41) || '_' || left(md5(source), 8) else source end || '_' || what
$$;

-- Makes a source's partitions from today to some days ahead, where they are missing. What cannot be made now, because
-- somebody reads the default partition for long or rows of the day are in it already, is left: rows of that day land in
-- the default partition. CREATE TABLE … PARTITION OF would shut out every reader of the source; ATTACH waits only for
-- those of the default partition (https://www.postgresql.org/docs/18/ddl-partitioning.html).
create function control.ensure_bronze_partitions(source text, days_ahead int)
returns table (made int, busy int, in_default int)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '800ms' as $$
#variable_conflict use_column
declare
  wanted date;
  name text;
begin
  if days_ahead is null or days_ahead not between 0 and 31 then
    raise exception 'days_ahead is %, not 0 to 31', days_ahead using errcode = 'invalid_parameter_value';
  end if;
  if not exists (select from control.partitioned_source as p where p.source = ensure_bronze_partitions.source) then
    raise exception '% is no partitioned source', coalesce(source, 'NULL') using errcode = 'invalid_parameter_value';
  end if;
  made := 0; busy := 0; in_default := 0;
  for wanted in
    select d::date from generate_series(control.utc_day()::timestamp, control.utc_day()::timestamp + days_ahead * interval '1 day', '1 day') as d
  loop
    continue when exists (
      select from control.bronze_partition as p where p.source = ensure_bronze_partitions.source
        and p.to_day > wanted and coalesce(p.from_day, '-infinity') <= wanted
    );
    name := control.bronze_partition_name(source, to_char(wanted, 'YYYYMMDD'));
    begin
      perform pg_advisory_xact_lock(hashtextextended('weir.partitions ' || source, 0));
      continue when exists (select from control.bronze_partition as p where p.partition = name);
      execute format('create table bronze_partition.%I (like bronze.%I including all) with (%s)', name, source,
        control.bronze_autovacuum());
      execute format('grant maintain on bronze_partition.%I to weir_loader', name);
      execute format('alter table bronze.%I attach partition bronze_partition.%I for values from (%L) to (%L)', source, name,
        wanted, wanted + 1);
      insert into control.bronze_partition (partition, source, from_day, to_day) values (name, source, wanted, wanted + 1);
      made := made + 1;
    exception
      when lock_not_available then busy := busy + 1;
      when check_violation then in_default := in_default + 1;
    end;
  end loop;
  return next;
end
$$;

-- A table that only grows: autovacuum comes after 2 % new rows instead of 20 %, so that an hour's load meets a
-- visibility map (index-only scans) and statistics that know the last hour
-- (https://www.postgresql.org/docs/18/routine-vacuuming.html#VACUUM-FOR-SPACE-RECOVERY).
create function control.bronze_autovacuum() returns text language sql immutable as $$
  select 'autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02'
$$;

-- Who still needs rows of a delta: one row a model that reads it (its watermark) and a load that has not ended (where
-- its window begins). A row is free when each of the snapshots sees it; a claim without a snapshot claims every row.
create function control.delta_claims(relation text, readers text[])
returns table (claim text, snapshot pg_snapshot)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with known as (
    select unnest(readers) as model
    union select unnest(p.readers) from control.partitioned_source as p where p.source = relation
    union select w.model from control.watermark as w where w.relation = delta_claims.relation
  )
  select case
      when w.model is null then k.model || ' has no watermark of it yet'
      when not here.ours then 'the watermark of ' || k.model || ' is from another cluster or timeline'
      else 'the watermark of ' || k.model
    end,
    case when here.ours then w.snapshot end
  from known as k
  left join control.watermark as w on w.model = k.model and w.relation = delta_claims.relation
  left join lateral (
    select w.system_identifier = (select system_identifier::text from pg_control_system())
      and not pg_is_in_recovery()
      and w.timeline = ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as ours
  ) as here on w.model is not null
  union all
  select 'load ' || l.load_id || ' of ' || l.model || ' (' || l.state || ')',
    case when l.read_window ->> 'kind' = 'arrival' then (l.read_window -> 'deltas' -> relation ->> 'from')::pg_snapshot end
  from control.load as l
  where l.state in ('open', 'staged') and case l.read_window ->> 'kind'
    when 'arrival' then l.read_window -> 'deltas' ? relation
    when 'interval' then l.read_window -> 'deltas' ? relation
    else l.model in (select model from known)
  end
$$;

-- The days on which files arrived of which rows wait in quarantine: to release one is to mend it where it stands. A row and
-- the note of its file carry the time of one transaction.
create function control.waiting_days(source text) returns date[]
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with waiting as (
    select split_part(q.relation, '.', 2) as model, q.file, q.revision from control.quarantine as q
    where q.state = 'waiting' and q.expires_at > now() and q.load_id is not null
    union
    select b.model, coalesce(b._source, b.record ->> '_source'), coalesce(b._revision, (b.record ->> '_revision')::int)
    from control.batch_quarantine as b
    where b.state = 'waiting' and b.expires_at > now()
  )
  select coalesce(array_agg(distinct (l.landed_at at time zone 'UTC')::date), '{}')
  from waiting as w join control.landing as l on l.file = w.file and l.revision = w.revision
  where l.source = waiting_days.source
    -- A file of another source may have the same name.
    and not exists (
      select from control.partitioned_source as p where p.source <> waiting_days.source and w.model = any (p.readers))
$$;

-- Who still needs a row of a partition, in words; none where it may go.
create function control.partition_claims(source text, partition text, readers text[]) returns text[]
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  one record;
  latest xid8;
  needed boolean;
  days int;
  found text[] := '{}';
begin
  execute format('select max(_xid) from bronze_partition.%I', partition) into latest;
  if latest is null then return found; end if;
  select count(*) into days from unnest(control.waiting_days(source)) as d
    join control.bronze_partition as p on p.partition = partition_claims.partition
    where d < p.to_day and d >= coalesce(p.from_day, '-infinity');
  if days > 0 then found := array['rows in quarantine that wait']; end if;
  for one in select c.claim, c.snapshot from control.delta_claims(source, readers) as c order by c.claim loop
    if one.snapshot is null or latest >= pg_snapshot_xmax(one.snapshot) then
      needed := true;
    else
      execute format('select exists (select from bronze_partition.%I where _xid = any ($1))', partition)
        using array(select pg_snapshot_xip(one.snapshot)) into needed;
    end if;
    if needed then found := found || one.claim; end if;
  end loop;
  return found;
end
$$;

-- The partitions of a source that have rows beyond its retention, and who still needs one of a partition that ends
-- there. whole: the partition ends there too, so that it can be dropped; else only its rows can go.
create function control.expired_bronze_partitions(source text, readers text[])
returns table (partition text, from_day date, to_day date, whole boolean, claims text[])
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  one record;
  cutoff date;
  any_row boolean;
begin
  select control.utc_day() - p.retention_days into cutoff from control.partitioned_source as p
    where p.source = expired_bronze_partitions.source and p.retention_days is not null;
  if cutoff is null then return; end if;
  for one in
    select p.* from control.bronze_partition as p join pg_class as c on c.relname = p.partition
    where p.source = expired_bronze_partitions.source and c.relnamespace = 'bronze_partition'::regnamespace
      and (p.to_day <= cutoff or p.from_day is null) order by p.to_day nulls last
  loop
    partition := one.partition; from_day := one.from_day; to_day := one.to_day;
    whole := one.to_day is not null and one.to_day <= cutoff;
    if whole then
      claims := control.partition_claims(source, one.partition, readers);
    else
      execute format('select exists (select from bronze_partition.%I where loaded_at < %L)', one.partition, cutoff) into any_row;
      continue when not any_row;
      claims := array(select c.claim from control.delta_claims(source, readers) as c where c.snapshot is null order by 1);
    end if;
    return next;
  end loop;
end
$$;

-- Drops a partition that lies beyond the retention and that nobody needs. The rows are counted before anybody is shut
-- out; whether it may go is asked under the lock, where no load can open a window over it any more.
create function control.drop_bronze_partition(partition text, readers text[])
returns table (dropped boolean, rows bigint, claims text[])
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '800ms' as $$
#variable_conflict use_column
declare
  one control.bronze_partition;
  cutoff date;
  first_xid xid8;
  last_xid xid8;
  last_now xid8;
begin
  select p.* into one from control.bronze_partition as p where p.partition = drop_bronze_partition.partition;
  select control.utc_day() - p.retention_days into cutoff from control.partitioned_source as p where p.source = one.source;
  if one.to_day is null or cutoff is null or one.to_day > cutoff then
    raise exception '% is no partition that lies beyond its retention', coalesce(partition, 'NULL')
      using errcode = 'invalid_parameter_value';
  end if;
  dropped := false; rows := 0;
  claims := control.partition_claims(one.source, one.partition, readers);
  if cardinality(claims) = 0 then
    execute format('select count(*), min(_xid), max(_xid) from bronze_partition.%I', one.partition) into rows, first_xid, last_xid;
    -- The source before its partition, as everybody who reads it.
    execute format('lock table only bronze.%I in access exclusive mode', one.source);
    execute format('lock table bronze_partition.%I in access exclusive mode', one.partition);
    execute format('select max(_xid) from bronze_partition.%I', one.partition) into last_now;
    claims := control.partition_claims(one.source, one.partition, readers);
    if cardinality(claims) = 0 and last_now is not distinct from last_xid then
      execute format('drop table bronze_partition.%I', one.partition);
      delete from control.bronze_partition as p where p.partition = one.partition;
      insert into control.dropped_partition (relation, partition, from_day, to_day, rows, min_xid, max_xid)
        values (one.source, one.partition, one.from_day, one.to_day, rows, first_xid, last_xid);
      dropped := true;
    elsif cardinality(claims) = 0 then
      claims := array['rows came while it was counted'];
    end if;
  end if;
  return next;
end
$$;

-- Deletes some rows beyond the retention from a partition that is not by day, each only when everybody has passed it.
create function control.delete_expired_bronze_rows(partition text, readers text[], at_most int) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '800ms' as $$
#variable_conflict use_column
declare
  one control.bronze_partition;
  cutoff date;
  passed pg_snapshot[];
  gone record;
begin
  select p.* into one from control.bronze_partition as p where p.partition = delete_expired_bronze_rows.partition;
  select control.utc_day() - p.retention_days into cutoff from control.partitioned_source as p where p.source = one.source;
  if one.partition is null or cutoff is null or one.from_day is not null then
    raise exception '% has no rows beyond a retention that go one by one', coalesce(partition, 'NULL')
      using errcode = 'invalid_parameter_value';
  end if;
  lock table control.load in share mode;  -- No load opens a window while this looks who needs what.
  if exists (select from control.delta_claims(one.source, readers) as c where c.snapshot is null) then return 0; end if;
  passed := array(select c.snapshot from control.delta_claims(one.source, readers) as c);
  execute format($f$
    with gone as (
      delete from bronze_partition.%1$I where ctid = any (array(
        select r.ctid from bronze_partition.%1$I as r
        where r.loaded_at < $1 and r.loaded_at::date <> all ($4)
          and not exists (select from unnest($2) as s (snapshot) where not pg_visible_in_snapshot(r._xid, s.snapshot))
        limit $3))
      returning loaded_at, _xid
    )
    select count(*) as rows, min(loaded_at)::date as from_day, max(loaded_at)::date + 1 as to_day,
      min(_xid) as min_xid, max(_xid) as max_xid from gone $f$, one.partition)
    using cutoff, passed, greatest(at_most, 0), control.waiting_days(one.source) into gone;
  if gone.rows = 0 then return 0; end if;
  update control.dropped_partition as d set rows = d.rows + gone.rows, from_day = least(d.from_day, gone.from_day),
      to_day = greatest(d.to_day, gone.to_day), min_xid = least(d.min_xid, gone.min_xid),
      max_xid = greatest(d.max_xid, gone.max_xid), dropped_at = now()
    where d.partition = one.partition and d.dropped_at >= control.utc_day()::timestamp at time zone 'UTC';
  if not found then
    insert into control.dropped_partition (relation, partition, from_day, to_day, rows, min_xid, max_xid)
      values (one.source, one.partition, gone.from_day, gone.to_day, gone.rows, gone.min_xid, gone.max_xid);
  end if;
  return gone.rows;
end
$$;

-- Transactions that are open for long and that others have to reckon with: they have written, or keep vacuum from what
-- they may see. Not what they ask: a query has values in it.
create function control.long_transactions(older_than interval)
returns table (pid int, began timestamptz, who text, application text, database text, state text, writes boolean)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select a.pid, a.xact_start, a.usename::text, a.application_name, a.datname::text, a.state, a.backend_xid is not null
  from pg_stat_activity as a
  where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
    and (a.backend_xid is not null or a.backend_xmin is not null) and a.xact_start < clock_timestamp() - older_than
  union all
  select null, p.prepared, p.owner::text, '', p.database::text, 'prepared', true
  from pg_prepared_xacts as p where p.prepared < clock_timestamp() - older_than
$$;

do $$
begin
  if not pg_has_role('weir_migrator', 'pg_read_all_stats', 'member') then
    grant pg_read_all_stats to weir_migrator;  -- to see other logins' transactions
  end if;
exception
  when insufficient_privilege then
    raise notice 'long transactions of other logins are not reported: grant pg_read_all_stats to weir_migrator';
  when internal_error or unique_violation then null;  -- Another database grants the same at this moment.
end
$$;

-- Owned by who owns the tables, and run by the loader alone.
grant create on schema control to weir_migrator;
alter function control.ensure_bronze_partitions(text, int) owner to weir_migrator;
alter function control.delta_claims(text, text[]) owner to weir_migrator;
alter function control.waiting_days(text) owner to weir_migrator;
alter function control.partition_claims(text, text, text[]) owner to weir_migrator;
alter function control.expired_bronze_partitions(text, text[]) owner to weir_migrator;
alter function control.drop_bronze_partition(text, text[]) owner to weir_migrator;
alter function control.delete_expired_bronze_rows(text, text[], int) owner to weir_migrator;
alter function control.long_transactions(interval) owner to weir_migrator;
revoke create on schema control from weir_migrator;
revoke execute on function control.ensure_bronze_partitions(text, int), control.delta_claims(text, text[]),
  control.waiting_days(text), control.partition_claims(text, text, text[]), control.expired_bronze_partitions(text, text[]),
  control.drop_bronze_partition(text, text[]), control.delete_expired_bronze_rows(text, text[], int),
  control.long_transactions(interval) from public;
grant execute on function control.ensure_bronze_partitions(text, int), control.delta_claims(text, text[]),
  control.expired_bronze_partitions(text, text[]), control.drop_bronze_partition(text, text[]),
  control.delete_expired_bronze_rows(text, text[], int), control.long_transactions(interval) to weir_loader;
grant execute on function control.delta_claims(text, text[]) to weir_publisher;
