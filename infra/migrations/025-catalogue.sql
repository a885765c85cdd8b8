-- What the pages of the catalogue ask over a ledger of years, by index.
create index on control.gate_run (evaluation_id) where outcome <> 'pass';
create index on control.decision (verdict_id);
create index on control.gate_run (evaluation_id) where blocks;

-- Why a gate could not be checked, in words that may leave: as pages to on-call have them. NULL where it could, and where
-- an earlier version judged.
alter table control.gate_run add column reason text;
