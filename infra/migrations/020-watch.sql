-- What the monitor's watch has seen of what fails without being able to say so: runs that were terminated or timed out,
-- workflows whose tasks keep failing, schedules that did not run.

-- How far it has looked. A look that failed moves nothing.
create table control.watch_mark (
  what text primary key,
  at timestamptz not null
);

-- Runs that ended and were looked at: Temporal tells of one late, and again for as long as the looks overlap.
create table control.watch_ended_run (
  run_id text primary key,
  ended_at timestamptz not null
);
create index on control.watch_ended_run (ended_at);

-- What is not well: seen once, or told of.
create table control.watch_alarm (
  alarm text not null check (alarm in ('runEnded', 'tasksFailing', 'scheduleMissed')),
  subject text not null,
  state text not null check (state in ('seen', 'raised')),
  since timestamptz not null,
  run_id text,  -- the run that ended last
  runs jsonb not null default '[]',  -- the runs whose tasks keep failing, as {workflowId, runId}
  primary key (alarm, subject)
) with (fillfactor = 80);

-- What on-call is to be told, in order; written in the transaction that has seen it, handed out until it was told.
create table control.watch_page (
  watch_page_id bigint generated always as identity primary key,
  page jsonb not null,
  made_at timestamptz not null default pg_catalog.now(),
  told_at timestamptz
);
create index on control.watch_page (watch_page_id) where told_at is null;

-- What was seen of the schedules.
create table control.watch_schedule (
  schedule_id text primary key,
  seen_at timestamptz not null,    -- on the server, last
  paused_at timestamptz            -- by a person, last seen so
);

grant select, insert, update, delete on control.watch_mark, control.watch_ended_run, control.watch_alarm,
  control.watch_page, control.watch_schedule to weir_loader;
