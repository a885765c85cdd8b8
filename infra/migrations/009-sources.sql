-- How far sources have been read, and in what they are not what their headers say.

-- Columns that every record of a file had: what the next file is compared with. Null of a file too small to tell.
alter table control.landing add column whole_columns text[];

-- How far a source was read that is read from where it was left. Moves in the transaction that lands the rows.
create table control.source_watermark (
  source text primary key,
  position text not null,
  -- Of the source's own cluster, where the position is a snapshot of it.
  system_identifier text,
  timeline int,
  moved_at timestamptz not null default pg_catalog.now()
);

-- The last version of each row within the lookback of a cursor: what is read again and has not changed is not landed again.
create table control.source_seen (
  source text not null,
  key_hash uuid not null,
  record_hash uuid not null,
  position text not null,
  primary key (source, key_hash)
);

-- A column that went away or changed its type at the source. Models that read the source are held until it is cleared.
create table control.source_drift (
  drift_id bigint generated always as identity primary key,
  source text not null,
  column_name text,
  problem text not null,
  mend text not null,
  workflow_id text not null,
  since timestamptz not null default pg_catalog.now(),
  cleared_at timestamptz
);
create unique index on control.source_drift (source, coalesce(column_name, '')) where cleared_at is null;

grant select, insert, update, delete on control.source_watermark, control.source_seen to weir_loader;
grant select, insert, update on control.source_drift to weir_loader;
grant usage on all sequences in schema control to weir_loader;
