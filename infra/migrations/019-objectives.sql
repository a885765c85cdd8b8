-- Whether promises about time are kept: how old models were every minute, and which intervals of pipelines came on time.

-- One row a model and minute. What nobody measured has none, and counts as not met. Kept for 35 days.
create table control.freshness_sample (
  model text not null,
  sampled_at timestamptz not null,  -- the whole minute
  age_seconds double precision not null,
  objective_seconds double precision not null,
  is_good boolean not null,
  station text,  -- of one that is too old: where on its way the rows are
  primary key (model, sampled_at)
);
create index on control.freshness_sample using brin (sampled_at);

-- One row a pipeline and interval of its schedule, once it was due.
create table control.availability_slot (
  pipeline text not null,
  slot_start timestamptz not null,
  slot_end timestamptz not null,
  due_at timestamptz not null,
  is_good boolean not null,
  late_models text[] not null default '{}',  -- those that had not been loaded by then
  judged_at timestamptz not null default pg_catalog.clock_timestamp(),
  primary key (pipeline, slot_end)
);

-- Both, counted by the hour in the statement that writes them: what a month came to is read from 720 rows an objective.
create table control.objective_hour (
  kind text not null check (kind in ('freshness', 'availability')),
  subject text not null,  -- model or pipeline
  hour timestamptz not null,
  good int not null,
  bad int not null,
  primary key (kind, subject, hour)
) with (fillfactor = 80);

-- What is promised now, and since when it is measured.
create table control.objective_promise (
  kind text not null check (kind in ('freshness', 'availability')),
  subject text not null,
  target double precision not null,
  objective_seconds double precision not null,  -- the age, or how long after an interval's end it is due
  unit_seconds double precision not null,  -- what one sample stands for: a minute, or an interval
  since timestamptz not null,  -- the first sample
  measured_to timestamptz not null,  -- the last one
  primary key (kind, subject)
) with (fillfactor = 80);

-- What burns, and what on-call has been told of it. A new number each time that it begins or ends.
create table control.objective_alarm (
  alarm text not null check (alarm in ('freshness', 'availability', 'sourceSilent')),
  subject text not null,
  alarm_id bigint not null generated always as identity,
  state text not null check (state in ('raised', 'cleared')),
  severity text not null,
  since timestamptz not null,  -- when it began to be so
  because text,  -- the dedup key of the incident that explained it when it was told
  changed_at timestamptz not null default pg_catalog.clock_timestamp(),
  told boolean not null default false,
  primary key (alarm, subject)
);

-- One row an objective: the last 30 days. Minutes that nobody measured, because the monitor or the database was down, are
-- not met. The budget is what may go wrong in 30 days; 1 is all of it left, below 0 it is overspent.
create view control.objective as
select
  p.kind,
  p.subject,
  p.target,
  p.objective_seconds,
  p.unit_seconds,
  m.good,
  m.bad,
  m.unmeasured,
  m.good / nullif(m.good + m.bad + m.unmeasured, 0)::float8 as met_30d,
  case
    when m.bad + m.unmeasured = 0 then 1
    else 1 - (m.bad + m.unmeasured) / nullif((1 - p.target) * 30 * 86400 / p.unit_seconds, 0)
  end as budget_left,
  exists (
    select from control.objective_alarm as a where a.alarm = p.kind and a.subject = p.subject and a.state = 'raised'
  ) as burning
from control.objective_promise as p
cross join lateral (
  select sums.good, sums.bad,
    case p.kind when 'freshness' then greatest(0, pg_catalog.ceil(extract(epoch from
      pg_catalog.date_trunc('minute', pg_catalog.now()) - greatest(p.since, sums.from_hour)) / p.unit_seconds)::bigint - sums.good - sums.bad)
    else 0 end as unmeasured
  from (
    select coalesce(sum(h.good), 0) as good, coalesce(sum(h.bad), 0) as bad, min(begun.hour) as from_hour
    from (select pg_catalog.date_trunc('hour', pg_catalog.now() - interval '30 days', 'UTC') as hour) as begun
    left join control.objective_hour as h on h.kind = p.kind and h.subject = p.subject and h.hour >= begun.hour
  ) as sums
) as m;

grant select, insert, update, delete on control.freshness_sample, control.availability_slot, control.objective_hour,
  control.objective_promise, control.objective_alarm to weir_loader;
grant select on control.objective to weir_loader;

-- When a source brought something last, and in the same hour of the weeks before.
create index on control.landing (source, landed_at);

-- What was loaded of a model within a time: which intervals were on time, and whether somebody looked.
create index on control.load (model, opened_at);
-- When a pipeline opened a load last.
create index on control.load (pipeline, load_id);

-- Since when a model is too old, and its worst stretch of a month: bad minutes are few.
create index on control.freshness_sample (model, sampled_at) where not is_good;
