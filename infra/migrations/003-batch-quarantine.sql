-- Rows that a gate found bad and set aside, so that the rest of their batch could go on. What never became a row of a
-- batch (a line that is no record, a row that a SELECT leaves out) is in control.quarantine.
create table control.batch_quarantine (
  batch_quarantine_id bigint generated always as identity primary key,
  load_id bigint not null references control.load,
  attempt int not null,  -- the stage whose candidate it stood in; at an input gate the last one before
  model text not null,
  gate text not null check (gate in ('input', 'output')),
  suite text not null,
  verdict_id uuid not null,
  evaluation_id bigint not null,
  expectations int[] not null check (pg_catalog.cardinality(expectations) > 0),  -- places in the suite, from 0
  reason text not null,  -- the promises that it breaks, in words
  record jsonb not null,  -- the whole row
  -- Where it stands in what the model reads; NULL at an output gate, where it was taken out of the candidate.
  _source text,
  _revision int,
  _load bigint,
  _position bigint,
  workflow_id text not null,
  run_id text not null,
  quarantined_at timestamptz not null default pg_catalog.now()
);
create index on control.batch_quarantine (load_id, gate, evaluation_id);

-- Rows of the load's batch that its gates have set aside. rows_staged are those that are left.
alter table control.load add column rows_quarantined bigint not null default 0;

-- Whether the batch was let through as it was; NULL where an earlier version judged, which held what failed.
alter table control.gate_run add column blocks boolean;

-- Whole rows, personal data included: neither the validator nor any reader of tables may look, only who may read full
-- results. The loader takes back what a stage that was done again has set aside.
grant select, insert, delete on control.batch_quarantine to weir_loader;
grant select on control.batch_quarantine to weir_publisher;
grant select on control.batch_quarantine, control.decision to weir_result_reader;

-- Where the rows stand that a load has set aside at its input gate: no value of a row.
create view as_of.quarantined as
  select load_id, _source, _revision, _load, _position from control.batch_quarantine where gate = 'input';
grant select on as_of.quarantined to weir_loader, weir_validator;
