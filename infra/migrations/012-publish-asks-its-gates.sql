-- Publish asks for the verdict about the very candidate that it publishes: which stage's candidate a gate has looked at.
-- NULL where an earlier version judged.
alter table control.gate_run add column attempt int;
create index on control.gate_run (load_id, gate, evaluation_id);

-- A hold that has expired keeps its load, so that a reset of its run can go on, and stands in nobody's way meanwhile.
alter table control.lease drop constraint lease_state_check,
  add constraint lease_state_check check (state in ('running', 'held', 'expired'));
