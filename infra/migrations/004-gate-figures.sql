-- What gates learn from: counts and shares of what they looked at, never a value of a row. Full results expire, these stay.
create table control.gate_figure (
  evaluation_id bigint not null references control.gate_run on delete cascade,
  name text not null,               -- rows, share of NULLs in store_id
  figure double precision not null,
  load_id bigint not null references control.load,
  model text not null,
  gate text not null check (gate in ('input', 'output')),
  slot timestamptz not null,        -- the hour that the load is about, UTC
  primary key (evaluation_id, name)
);
create index on control.gate_figure (model, gate, slot);

grant select, insert on control.gate_figure to weir_loader;

-- What was counted before there were figures.
insert into control.gate_figure (evaluation_id, name, figure, load_id, model, gate, slot)
select run.evaluation_id, 'rows', run.rows_checked, run.load_id, run.model, run.gate,
  date_trunc('hour', coalesce(load.interval_start, load.as_of), 'UTC')
from control.gate_run as run
join control.load as load on load.load_id = run.load_id
where run.rows_checked is not null;
