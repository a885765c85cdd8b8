-- What became of each promise at each evaluation of its gate: what is left of it when the full result has expired, and
-- what the catalogue draws. Counts, aggregates of columns not marked personal, and bounds; never a value of a row.
create type control.promise_outcome as enum ('held', 'broken', 'errored');  -- in this order: the worst is the highest
create type control.promise_severity as enum ('info', 'warning', 'critical');

-- A promise as one gate asks it. A bound that changes, or its place in the suite, leaves it the same promise.
create table control.promise (
  promise_id int generated always as identity primary key,
  model text not null,
  gate text not null check (gate in ('input', 'output')),
  suite text not null,
  key text not null,   -- type and columns, a hash of its row condition, a number where that is not all that tells it apart
  place int not null,  -- in the suite, from 0, when it was last asked
  type text not null,
  column_name text,
  unit text check (unit in ('value', 'age', 'share')),  -- of observed and bounds; NULL: it is about no number that may be kept
  unique (model, gate, suite, key)
);
create index on control.promise (suite);

-- evaluation_id is that of control.gate_run, from the transaction that wrote it, and nothing is ever deleted from there.
create table control.promise_result (
  evaluation_id bigint not null,
  evaluated_at timestamptz not null default pg_catalog.now(),
  unexpected bigint,  -- rows that broke it, of so many that it was asked of; NULL where it is not about single rows
  elements bigint,
  observed float8,
  lower float8,       -- as they were then, parameters filled in; of a promise about rows, on the share that keeps it
  upper float8,
  promise_id int not null references control.promise,
  outcome control.promise_outcome not null,
  severity control.promise_severity not null,
  primary key (promise_id, evaluation_id)
);

-- The same, six hours a row: what a long time, or a gate of a minute, is drawn from.
create table control.promise_span (
  promise_id int not null references control.promise,
  from_at timestamptz not null,
  first_id bigint not null,  -- of its evaluations
  evaluations int not null,
  broken int not null,       -- or errored
  worst control.promise_outcome not null,
  low float8,                -- of observed, else of the share of rows that kept it; NULL where there was no such number
  high float8,
  last float8,
  lower float8,              -- as the last one with a number had them
  upper float8,
  last_id bigint,
  primary key (promise_id, from_at)
) with (fillfactor = 80);

-- By whichever statement results come, spans agree with them.
create function control.sum_promise_results() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into control.promise_span as kept
    (promise_id, from_at, first_id, evaluations, broken, worst, low, high, last, lower, upper, last_id)
  select promise_id, from_at, min(evaluation_id), count(*), count(*) filter (where outcome <> 'held'), max(outcome),
    min(value), max(value),
    (array_agg(value order by evaluation_id desc) filter (where value is not null))[1],
    (array_agg(lower order by evaluation_id desc) filter (where value is not null))[1],
    (array_agg(upper order by evaluation_id desc) filter (where value is not null))[1],
    max(evaluation_id) filter (where value is not null)
  from (
    select *, date_bin('6 hours', evaluated_at, timestamptz '2000-01-01 00:00:00+00') as from_at,
      coalesce(observed, (elements - unexpected) / nullif(elements, 0)::float8) as value
    from added
  ) as valued
  group by promise_id, from_at
  order by promise_id, from_at  -- Two that store at once wait for each other, and do not lock each other out.
  on conflict (promise_id, from_at) do update set
    first_id = least(kept.first_id, excluded.first_id),
    evaluations = kept.evaluations + excluded.evaluations,
    broken = kept.broken + excluded.broken,
    worst = greatest(kept.worst, excluded.worst),
    low = least(kept.low, excluded.low),
    high = greatest(kept.high, excluded.high),
    last = case when excluded.last_id > kept.last_id is not false then coalesce(excluded.last, kept.last) else kept.last end,
    lower = case when excluded.last_id > kept.last_id is not false and excluded.last_id is not null then excluded.lower else kept.lower end,
    upper = case when excluded.last_id > kept.last_id is not false and excluded.last_id is not null then excluded.upper else kept.upper end,
    last_id = greatest(kept.last_id, excluded.last_id);
  return null;
end
$$;
create trigger sum_up after insert on control.promise_result
  referencing new table as added for each statement execute function control.sum_promise_results();

grant select, insert, update, delete on control.promise to weir_loader;
grant select, insert, delete on control.promise_result to weir_loader;
grant select, insert, update, delete on control.promise_span to weir_loader;

-- The catalogue's login: books without a value of a row. Neither control.gate_result nor a relation with rows, and of what
-- was set aside everything but the record. What a later migration adds, it grants.
grant usage on schema control to weir_catalogue_reader;
grant select on control.promise, control.promise_result, control.promise_span, control.gate_run, control.gate_figure,
  control.decision, control.load, control.ledger, control.watermark, control.watermark_adoption, control.target,
  control.lease, control.lease_wanted, control.landing, control.retraction, control.source_watermark,
  control.source_drift, control.incident, control.incident_failure, control.page_delivery, control.quarantine_decision,
  control.freshness_sample, control.availability_slot, control.objective_hour, control.objective_promise,
  control.objective_alarm, control.objective, control.watch_mark, control.watch_ended_run, control.watch_alarm,
  control.watch_schedule, control.role_grant, control.column_lineage, control.model_text, control.partitioned_source,
  control.partitioned_target, control.bronze_partition, control.dropped_partition
  to weir_catalogue_reader;
grant select (quarantine_id, relation, file, revision, position, reason, load_id, workflow_id, quarantined_at, state,
  expires_at) on control.quarantine to weir_catalogue_reader;
grant select (batch_quarantine_id, load_id, attempt, model, gate, suite, verdict_id, evaluation_id, expectations, reason,
  _source, _revision, _load, _position, workflow_id, run_id, quarantined_at, state, expires_at)
  on control.batch_quarantine to weir_catalogue_reader;
