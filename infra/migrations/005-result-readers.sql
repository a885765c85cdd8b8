-- Who may read full results, values included: the loader that writes them and, on an installation, who is granted
-- weir_result_reader. That login also reads what the validator reads (infra/local/logins.ts), so the SQL runs for it.

-- The SQL that lists the rows that broke each promise, as it was asked: {"settings": …, "listed": {"3": "select …"}}.
alter table control.gate_result add column queries jsonb not null default '{}';

-- Whoever stores a result removes some that have expired.
create index on control.gate_result (expires_at);

grant usage on schema control to weir_result_reader;
grant select on control.gate_run, control.gate_result, control.load to weir_result_reader;
