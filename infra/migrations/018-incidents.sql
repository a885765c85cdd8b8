-- What an incident has come to: how often its promise was broken, what a responder was told of it, and to whose page it
-- belongs where one cause broke many.
alter table control.incident
  add column opening int not null default 1,          -- how often it has been opened
  add column run_id text,
  add column pipeline text,
  add column failures bigint not null default 1,      -- since it was opened
  add column last_failed_at timestamptz not null default pg_catalog.now(),
  add column last_verdict_id uuid,                    -- verdict_id is the first, as workflow_id and run_id are
  add column last_workflow_id text,
  add column last_run_id text,
  add column severity text not null default 'critical' check (severity in ('critical', 'error', 'warning', 'info')),
  add column owner text,
  add column tier smallint check (tier between 1 and 3),
  add column relation text,                           -- the model or source that it is about
  add column reads text[] not null default '{}',      -- the deltas which that one reads
  add column good_at timestamptz,                     -- its own promise holds, and other members of its storm do not yet
  add column member_of text references control.incident,
  add column shares text,                             -- the relation that it shares with the incident it belongs to
  add column scope jsonb,                             -- of a failed backfill: {start, end, models}
  add column summary text,
  add column told json;                               -- the event that speaks of it alone, as it was last; its order is how a page is read

update control.incident set relation = model, last_verdict_id = verdict_id, last_workflow_id = workflow_id;

-- What is asked of all that are open: by pages, metrics and status.
create index on control.incident (opened_at) where state = 'open';
create index on control.incident (member_of) where member_of is not null;

-- Each failure of an incident, once, however often an activity is tried again. cleared_at: a load that answers for it
-- passed; those are dropped days after that.
create table control.incident_failure (
  dedup_key text not null references control.incident on delete cascade,
  occasion text not null,
  load_id bigint,
  failed_at timestamptz not null default pg_catalog.now(),
  cleared_at timestamptz,
  primary key (dedup_key, occasion)
);
grant select, insert, update, delete on control.incident_failure to weir_loader;

insert into control.incident_failure (dedup_key, occasion, load_id, failed_at)
select incident.dedup_key, incident.verdict_id || '/held', told.load_id, incident.first_failed_at
from control.incident as incident
cross join lateral (
  select run.load_id from control.gate_run as run
  where run.verdict_id = incident.verdict_id order by run.evaluation_id desc limit 1
) as told
where incident.state = 'open' and incident.verdict_id is not null;

-- Which promises did not hold, in the words of the suite and without values: a warning is told when they differ. NULL
-- where an earlier version judged.
alter table control.gate_run add column broken text[];

-- Questions of a page, over a ledger of any length: the last good load, and what has changed since.
create index on control.load (model, load_id) where state = 'published';
create index on control.load (pipeline, load_id) where state = 'published';
create index on control.gate_run (model, gate, suite, evaluation_id) where outcome in ('pass', 'warn');
create index on control.model_text (model, seen_at);
create index on control.source_drift (source, since);
