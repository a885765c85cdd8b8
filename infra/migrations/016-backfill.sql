-- Who waits for a model's lease and is to have it before any backfill's next interval: a scheduled run, or one by hand.
-- Not in control.lease itself: that row goes with each publish, and the wish has to outlive it.
create table control.lease_wanted (
  model text not null,
  workflow_id text not null,
  wanted_at timestamptz not null default pg_catalog.now(),
  primary key (model, workflow_id)
);
grant select, insert, update, delete on control.lease_wanted to weir_loader;

-- What a backfill has to do of a range, in one statement.
create index on control.load (model, interval_start) where interval_start is not null;
