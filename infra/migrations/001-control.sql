-- The layers that readers and models name, and the control tables that say what was landed, judged and published.

create schema bronze;
create schema silver;
create schema gold;
create schema semantic;
create schema delta;      -- views: the rows of a window, by relation
create schema touched;    -- views: the keys a load recomputes, by model
create schema changes;    -- what published rows were before they were updated or deleted
create schema candidate;  -- staged rows that no reader sees
create schema control;
create schema as_of;      -- now() as the run sees it

-- A run's as-of time takes the place of the clock wherever a model or a suite says now().
create function as_of.now() returns timestamptz language sql stable parallel safe as $$
  select coalesce(nullif(pg_catalog.current_setting('weir.as_of', true), '')::timestamptz, pg_catalog.now())
$$;

create function control.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '%.% is append-only: % refused', tg_table_schema, tg_table_name, tg_op
    using errcode = 'insufficient_privilege';
end
$$;

-- One row a landed revision of a file. The version of a bronze row is (revision, load_sequence, position).
create sequence control.load_sequence;
create table control.landing (
  source text not null,
  file text not null,
  revision int not null,
  content_hash text not null,
  size_bytes bigint not null,
  modified_at timestamptz not null,
  load_sequence bigint not null,
  rows_landed bigint not null,
  rows_rejected bigint not null,
  workflow_id text not null,
  landed_at timestamptz not null default pg_catalog.now(),
  primary key (source, file, revision)
);

-- A revision that a later one has replaced. Its rows stay in bronze and are out of every read.
create table control.retraction (
  source text not null,
  file text not null,
  revision int not null,
  replaced_by int not null,
  workflow_id text not null,
  retracted_at timestamptz not null default pg_catalog.now(),
  _xid xid8 not null default pg_current_xact_id(),
  primary key (source, file, revision)
);
create trigger append_only before update or delete or truncate on control.retraction
  for each statement execute function control.refuse_change();

-- A record that was not loaded, why, and where it came from.
create table control.quarantine (
  quarantine_id bigint generated always as identity primary key,
  relation text not null,
  file text not null,
  revision int not null,
  position bigint not null,
  reason text not null,
  record text,
  record_bytes bytea,
  load_id bigint,
  workflow_id text not null,
  quarantined_at timestamptz not null default pg_catalog.now(),
  unique (relation, file, revision, position)
);

-- The ledger: one row a load.
create table control.load (
  load_id bigint generated always as identity primary key,
  model text not null,
  pipeline text not null,
  workflow_id text not null,
  run_id text not null,
  state text not null check (state in ('open', 'staged', 'published', 'empty', 'abandoned')),
  attempt int not null default 0,
  read_window jsonb not null,
  is_empty boolean not null default false,
  system_identifier text not null,
  timeline int not null,
  interval_start timestamptz,
  interval_end timestamptz,
  as_of timestamptz not null,
  candidate text,
  target_publishes bigint,
  rows_read bigint,
  rows_staged bigint,
  rows_superseded bigint,
  rows_left_out bigint,
  keys_touched bigint,
  rows_inserted bigint,
  rows_updated bigint,
  rows_unchanged bigint,
  rows_deleted bigint,
  sql_hash text not null,
  columns_hash text,
  override_verdict_id uuid,
  opened_at timestamptz not null default pg_catalog.now(),
  staged_at timestamptz,
  published_at timestamptz
);
create index on control.load (model, load_id);
create index on control.load (workflow_id);

-- What has been published, by model and by the relation whose delta it reads. Moves only in publish.
create table control.watermark (
  model text not null,
  relation text not null,
  snapshot pg_snapshot not null,
  system_identifier text not null,
  timeline int not null,
  load_id bigint not null references control.load,
  moved_at timestamptz not null default pg_catalog.now(),
  primary key (model, relation)
);

-- The published state of a model, as a gate must have seen it.
create table control.target (
  model text primary key,
  publishes bigint not null default 0,
  sql_hash text,
  columns_hash text,
  load_id bigint references control.load,
  published_at timestamptz
);

-- Who works on a model now, so that loads of one model keep their order.
create table control.lease (
  model text primary key,
  workflow_id text not null,
  run_id text not null,
  load_id bigint,
  state text not null check (state in ('running', 'held')),
  verdict_id uuid,
  since timestamptz not null default pg_catalog.now()
);

-- One row an evaluation of a gate. verdict_id stays when a recheck ends the same way.
create table control.gate_run (
  evaluation_id bigint generated always as identity primary key,
  verdict_id uuid not null,
  load_id bigint references control.load,
  model text not null,
  gate text not null check (gate in ('input', 'output')),
  suite text not null,
  suite_hash text not null,
  outcome text not null check (outcome in ('pass', 'warn', 'fail', 'error')),
  rows_checked bigint,
  expectations_evaluated int not null,
  expectations_failed int not null,
  as_of timestamptz not null,
  workflow_id text not null,
  run_id text not null,
  evaluated_at timestamptz not null default pg_catalog.now()
);
create index on control.gate_run (verdict_id);
create index on control.gate_run (model, gate, evaluation_id);

-- Full results, values included: few may read them, and they expire.
create table control.gate_result (
  evaluation_id bigint primary key references control.gate_run on delete cascade,
  result jsonb not null,
  parameters jsonb not null,
  expires_at timestamptz not null default pg_catalog.now() + interval '30 days'
);

-- What people decided about a held gate. Written before it acts; never changed.
create table control.decision (
  decision_id bigint generated always as identity primary key,
  verdict_id uuid not null,
  decision text not null check (decision in
    ('retryGate', 'reloadAndRetry', 'overrideGate', 'quarantineAndContinue', 'abandon')),
  reason text not null,
  decided_by text not null,
  model text not null,
  load_id bigint,
  workflow_id text not null,
  run_id text not null,
  decided_at timestamptz not null default pg_catalog.now(),
  check (length(reason) > 0)
);
create trigger append_only before update or delete or truncate on control.decision
  for each statement execute function control.refuse_change();

-- One row a dedup key: whether its incident is open.
create table control.incident (
  dedup_key text primary key,
  state text not null check (state in ('open', 'resolved')),
  kind text not null,
  model text,
  suite text,
  verdict_id uuid,
  workflow_id text not null,
  opened_at timestamptz not null default pg_catalog.now(),
  first_failed_at timestamptz not null default pg_catalog.now(),
  resolved_at timestamptz
);
