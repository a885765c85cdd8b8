-- What was set aside comes back: its state, who decided it, how long it is kept; the slots of loads; adopted watermarks;
-- and the ledger as people read it.

-- waiting: not published, to be mended. released: back in bronze, mended. superseded: nothing to release any more.
alter table control.quarantine
  add column state text not null default 'waiting' check (state in ('waiting', 'released', 'superseded')),
  add column expires_at timestamptz not null default pg_catalog.now() + interval '90 days';
alter table control.batch_quarantine
  add column state text not null default 'waiting' check (state in ('waiting', 'released', 'superseded')),
  add column expires_at timestamptz not null default pg_catalog.now() + interval '90 days';
create index on control.quarantine (expires_at);
create index on control.batch_quarantine (expires_at);
create index on control.batch_quarantine (model) where state = 'waiting';

-- A released row that is left out again waits again, beside the first: one waiting row a place.
alter table control.quarantine drop constraint quarantine_relation_file_revision_position_key;
create unique index on control.quarantine (relation, file, revision, position) where state = 'waiting';

-- What became of each, why and by whom. No value of a row: it outlives them.
create table control.quarantine_decision (
  quarantine_decision_id bigint generated always as identity primary key,
  kept_in text not null check (kept_in in ('quarantine', 'batch_quarantine')),
  kept_id bigint not null,
  decision text not null check (decision in ('released', 'superseded')),
  columns_mended text[] not null default '{}',  -- names, not values
  reason text not null check (length(reason) > 0),
  decided_by text not null,
  -- Where the row stands, so that a replay can count what was released of its window.
  relation text not null,
  _source text,
  _revision int,
  _position bigint,
  xid_before xid8,
  decided_at timestamptz not null default pg_catalog.now()
);
create index on control.quarantine_decision (kept_in, kept_id);
create index on control.quarantine_decision (relation, decided_at);
create trigger append_only before update or delete or truncate on control.quarantine_decision
  for each statement execute function control.refuse_change();

grant select, insert on control.quarantine_decision to weir_loader;
grant update on control.batch_quarantine to weir_loader;
grant select on control.quarantine_decision to weir_publisher, weir_result_reader;
grant select on control.quarantine, control.landing, control.retraction, control.target to weir_result_reader;

-- The end of the slot that a load by arrival was scheduled for; NULL for runs by hand and loads by event time.
alter table control.load add column slot_end timestamptz;
create index on control.load (pipeline, slot_end) where slot_end is not null;

-- Watermarks that somebody said are good for this database, after a restore, an upgrade or a failover.
create table control.watermark_adoption (
  watermark_adoption_id bigint generated always as identity primary key,
  model text not null,
  relation text not null,
  snapshot_before pg_snapshot not null,
  system_identifier_before text not null,
  timeline_before int not null,
  snapshot pg_snapshot not null,
  system_identifier text not null,
  timeline int not null,
  xids_rewritten boolean not null,
  reason text not null check (length(reason) > 0),
  decided_by text not null,
  adopted_at timestamptz not null default pg_catalog.now()
);
create trigger append_only before update or delete or truncate on control.watermark_adoption
  for each statement execute function control.refuse_change();
grant select on control.watermark_adoption to weir_loader, weir_publisher;

-- The verdicts of a load.
create index on control.gate_run (load_id, gate, evaluation_id);

-- One row a load, in words. What a load did not come to is NULL.
create view control.ledger as
select
  load.load_id,
  load.model,
  load.pipeline,
  load.state,
  case
    when load.read_window ? 'replayOf' then 'replay'
    when load.read_window ? 'rebuild' then 'rebuild'
    else load.read_window ->> 'kind'
  end as window_kind,
  case
    when load.read_window ? 'replayOf' then 'the window of load ' || (load.read_window ->> 'replayOf') || ' again'
    when load.read_window ? 'rebuild' then 'rebuild: everything of ' || deltas.names
    when load.read_window ->> 'kind' = 'arrival' then 'what arrived in ' || deltas.names
    when load.read_window ->> 'kind' = 'interval' then
      'event time [' || (load.read_window ->> 'start') || ', ' || (load.read_window ->> 'end') || ') of ' || deltas.names
    else 'whole relations'
  end as window_read,
  load.read_window as window_bounds,
  load.slot_end,
  load.as_of,
  load.rows_read,
  load.rows_staged,
  load.rows_inserted,
  load.rows_updated,
  load.rows_unchanged,
  load.rows_deleted,
  load.rows_quarantined,
  load.rows_left_out,
  load.rows_superseded,
  load.keys_touched,
  load.sql_hash,
  gates.suites,
  gates.verdicts,
  override.decision as override,
  load.opened_at,
  load.staged_at,
  load.published_at,
  load.staged_at - load.opened_at as open_to_staged,
  load.published_at - load.staged_at as staged_to_published,
  load.published_at - load.opened_at as open_to_published,
  load.workflow_id,
  load.run_id
from control.load as load
cross join lateral (
  select pg_catalog.string_agg(name, ', ' order by name) as names
  from (
    select pg_catalog.jsonb_object_keys(load.read_window -> 'deltas') as name
    where pg_catalog.jsonb_typeof(load.read_window -> 'deltas') = 'object'
    union all
    select pg_catalog.jsonb_array_elements_text(load.read_window -> 'deltas')
    where pg_catalog.jsonb_typeof(load.read_window -> 'deltas') = 'array'
  ) as named
) as deltas
-- Of each gate its last evaluation: what stood when the load was published.
left join lateral (
  select
    pg_catalog.jsonb_object_agg(last.gate, pg_catalog.jsonb_build_object('suite', last.suite, 'hash', last.suite_hash)) as suites,
    pg_catalog.jsonb_object_agg(last.gate, pg_catalog.jsonb_build_object(
      'verdictId', last.verdict_id, 'outcome', last.outcome, 'blocks', last.blocks, 'rows', last.rows_checked,
      'failed', last.expectations_failed, 'evaluated', last.expectations_evaluated
    )) as verdicts
  from (
    select distinct on (run.gate) run.* from control.gate_run as run
    where run.load_id = load.load_id order by run.gate, run.evaluation_id desc
  ) as last
) as gates on true
left join lateral (
  select pg_catalog.jsonb_build_object(
    'verdictId', load.override_verdict_id, 'reason', said.reason, 'by', said.decided_by, 'at', said.decided_at
  ) as decision
  from control.decision as said
  where said.verdict_id = load.override_verdict_id and said.decision = 'overrideGate'
  order by said.decision_id desc limit 1
) as override on true;
grant select on control.ledger to weir_loader, weir_publisher, weir_result_reader;
