-- A model of a minute that reads nothing leaves 1,440 rows a day in the ledger which say only that. Housekeeping takes
-- them after two days; what was published, what any other pipeline did, and what something refers to stays.
create index on control.load (opened_at) where pipeline = 'minute' and state = 'empty';
create index on control.gate_figure (load_id);

create view control.empty_minute as
  select l.load_id from control.load as l
  where l.pipeline = 'minute' and l.state = 'empty' and l.opened_at < pg_catalog.now() - interval '2 days'
    and l.read_window ->> 'kind' = 'arrival' and not l.read_window ? 'replayOf' and not l.read_window ? 'rebuild'
    and not exists (select from control.watermark as w where w.load_id = l.load_id)
    and not exists (select from control.target as t where t.load_id = l.load_id)
    and not exists (select from control.gate_run as g where g.load_id = l.load_id)
    and not exists (select from control.gate_figure as f where f.load_id = l.load_id)
    and not exists (select from control.batch_quarantine as b where b.load_id = l.load_id);
grant select on control.empty_minute to weir_loader;

-- The ledger is no login's to delete from: this takes so many of those rows, and no other.
create function control.take_empty_minutes(at_most int) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with taken as (
    delete from control.load where load_id in (select e.load_id from control.empty_minute as e limit at_most) returning 1
  )
  select count(*) from taken
$$;
grant select, delete on control.load to weir_migrator;
grant select on control.empty_minute to weir_migrator;
grant create on schema control to weir_migrator;
alter function control.take_empty_minutes(int) owner to weir_migrator;
revoke create on schema control from weir_migrator;
revoke execute on function control.take_empty_minutes(int) from public;
grant execute on function control.take_empty_minutes(int) to weir_loader;
