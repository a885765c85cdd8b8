-- Why a gate was asked again without anybody's word: what had changed. NULL where the walk came to it, or a person said so.
alter table control.gate_run add column looked_because text;

-- The ledger names every override that let a load through: its input gate and its output gate may each have needed one.
create or replace view control.ledger as
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
  load.run_id,
  overridden.all_of as overrides
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
) as override on true
left join lateral (
  select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
    'gate', said.gate, 'verdictId', said.verdict_id, 'reason', said.reason, 'by', said.decided_by, 'at', said.decided_at
  ) order by said.gate) as all_of
  from (
    select distinct on (run.gate) run.gate, decision.*
    from control.gate_run as run
    join control.decision as decision on decision.verdict_id = run.verdict_id and decision.decision = 'overrideGate'
    where run.load_id = load.load_id
    order by run.gate, decision.decision_id desc
  ) as said
  where load.override_verdict_id is not null
) as overridden on true;
