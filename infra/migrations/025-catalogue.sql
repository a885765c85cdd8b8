-- What the pages of the catalogue ask over a ledger of years, by index.
create index on control.gate_run (evaluation_id) where outcome <> 'pass';
create index on control.decision (verdict_id);
create index on control.gate_run (evaluation_id) where blocks;

-- Why a gate could not be checked, in words that may leave: as pages to on-call have them. NULL where it could, and where
-- an earlier version judged.
alter table control.gate_run add column reason text;

-- Of these there were two alike each, and every evaluation and load paid for both.
drop index if exists control.gate_run_load_id_gate_evaluation_id_idx1;
drop index if exists control.load_pipeline_slot_end_idx1;

-- A year of a model's loads is drawn from the index alone: by rows it is a page of the table each.
drop index control.load_model_opened_at_idx;
create index load_model_opened_at_idx on control.load (model, opened_at)
  include (published_at, state, rows_inserted, rows_updated, rows_deleted, rows_quarantined);
