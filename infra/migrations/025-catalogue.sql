-- Why a gate could not be checked, in words that may leave: as pages to on-call have them. NULL where it could, and where
-- an earlier version judged. First, as it locks the table for all: after an index, which locks it for writers, a gate that
-- has read it and is about to write would wait for this and this for it.
alter table control.gate_run add column reason text;

-- What the pages of the catalogue ask over a ledger of years, by index.
create index on control.gate_run (evaluation_id) where outcome <> 'pass';
create index on control.decision (verdict_id);
create index on control.gate_run (evaluation_id) where blocks;

-- Of these there were two alike each, and every evaluation and load paid for both.
drop index if exists control.gate_run_load_id_gate_evaluation_id_idx1;
drop index if exists control.load_pipeline_slot_end_idx1;

-- A year of a model's loads is drawn from the index alone: by rows it is a page of the table each.
drop index control.load_model_opened_at_idx;
create index load_model_opened_at_idx on control.load (model, opened_at)
  include (published_at, state, rows_inserted, rows_updated, rows_deleted, rows_quarantined);

-- Likewise what a source has brought.
drop index control.landing_source_landed_at_idx;
create index landing_source_landed_at_idx on control.landing (source, landed_at) include (rows_landed, rows_rejected);

-- Which promises broke lately, of all there are: few spans have a break, and the others lie apart, a page each.
create index on control.promise_span (from_at, promise_id) include (broken) where broken > 0;

-- The last 30 days of all objectives in one pass: hours lie in the order of time, so that a subject at a time each of its
-- hours was a page of its own, a hundred times as many. The monitor asks every minute, the front page whenever it is opened.
-- A BRIN index leaves updates of the current hour in their page.
create index on control.objective_hour using brin (hour) with (pages_per_range = 16);
create or replace view control.objective as
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
left join (
  select h.kind, h.subject, sum(h.good) as good, sum(h.bad) as bad
  from control.objective_hour as h
  where h.hour >= pg_catalog.date_trunc('hour', pg_catalog.now() - interval '30 days', 'UTC')
  group by h.kind, h.subject
) as sums on sums.kind = p.kind and sums.subject = p.subject
cross join lateral (
  select coalesce(sums.good, 0) as good, coalesce(sums.bad, 0) as bad,
    case p.kind when 'freshness' then greatest(0, pg_catalog.ceil(extract(epoch from
      pg_catalog.date_trunc('minute', pg_catalog.now())
      - greatest(p.since, pg_catalog.date_trunc('hour', pg_catalog.now() - interval '30 days', 'UTC'))) / p.unit_seconds)::bigint
      - coalesce(sums.good, 0) - coalesce(sums.bad, 0))
    else 0 end as unmeasured
) as m;
