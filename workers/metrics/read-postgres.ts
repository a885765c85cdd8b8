import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { currentTo } from '../../activities/sample/age.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { Reading } from './gauges.ts';

/**
 * Reads what Postgres knows, in one statement: one snapshot, and one round trip for a scrape. Each part is found by an
 * index, or is a row a model; none grows with what is kept.
 */
export async function readPostgres(database: Database, graph: Graph | null): Promise<readonly Reading[]> {
  const { rows } = await sql<Reading>`
    ${held}
    union all ${underWay}
    union all ${objectives}
    union all ${waiting}
    union all ${incidents}
    union all ${slots}
    union all ${pages}
    ${graph === null ? sql`` : sql`union all ${ages(graph)}`}`.execute(database);
  return [...rows, ...(graph === null ? [] : promises(graph))];
}

/** Of a run that was terminated the lease says so until the next run takes the model over. */
const held = sql`
  select 'weir_held_since_timestamp_seconds' as name, jsonb_build_object('model', model) as labels,
    extract(epoch from since)::float8 as value
  from control.lease where state = 'held'`;

const underWay = sql`
  select 'weir_loads_under_way', jsonb_build_object('state', states.state), count(l.load_id)::float8
  from unnest(array['open', 'staged', 'held']) as states (state)
  left join (
    select load.load_id, case when lease.state = 'held' then 'held' else load.state end as state
    from control.lease join control.load using (load_id)
  ) as l using (state)
  group by states.state`;

/** A pipeline and a model may have one name: `kind` tells them apart. */
const objectives = sql`
  select each.name, each.labels, each.value
  from control.objective as o
  cross join lateral (values
    ('weir_objective_target_ratio', o.target),
    ('weir_objective_met_ratio', o.met_30d),
    ('weir_objective_budget_left_ratio', o.budget_left),
    ('weir_objective_burning', o.burning::int::float8)
  ) as named (name, value)
  cross join lateral (
    select named.name, jsonb_build_object('kind', o.kind, 'subject', o.subject) as labels, named.value::float8
  ) as each
  where each.value is not null
  union all
  select 'weir_monitor_last_sample_timestamp_seconds', '{}', extract(epoch from max(measured_to))::float8
  from control.objective_promise where kind = 'freshness' having max(measured_to) is not null`;

/** Counted so far: that more wait than anybody looks at is all that matters then, and a scrape has its time. */
const MOST_WAITING = 10_000;

const waiting = sql`
  select 'weir_quarantine_waiting_rows', jsonb_build_object('model', model, 'kept_in', kept_in), count(*)::float8
  from (
    (select split_part(relation, '.', 2) as model, 'quarantine' as kept_in
    from control.quarantine where state = 'waiting' and expires_at > now() limit ${MOST_WAITING})
    union all
    (select model, 'batch_quarantine'
    from control.batch_quarantine where state = 'waiting' and expires_at > now() limit ${MOST_WAITING})
  ) as kept group by model, kept_in`;

/** One row a dedup key, for ever: few. What belongs to the page of a storm is no page of its own. */
const incidents = sql`
  select 'weir_incidents_open', jsonb_build_object('kind', kind), count(*) filter (where state = 'open' and member_of is null)::float8
  from control.incident group by kind
  union all
  select 'weir_incidents_first_failed_timestamp_seconds', jsonb_build_object('kind', kind),
    extract(epoch from min(first_failed_at))::float8
  from control.incident where state = 'open' group by kind`;

/** By the index on pipeline and slot, a step a pipeline. */
const slots = sql`
  select 'weir_schedule_last_slot_timestamp_seconds', jsonb_build_object('pipeline', named.pipeline),
    extract(epoch from newest.slot_end)::float8
  from unnest(array['minute', 'hourly', 'daily']) as named (pipeline)
  cross join lateral (
    select slot_end from control.load as l where l.pipeline = named.pipeline and slot_end is not null
    order by slot_end desc limit 1
  ) as newest`;

/** By the index of what was not sent. */
const pages = sql`
  select 'weir_pages_unsent', jsonb_build_object('receiver', notifier, 'state', state), count(*)::float8
  from control.page_delivery
  where state <> 'sent' and (state = 'failing' or last_tried_at > now() - interval '1 day')
  group by notifier, state
  union all
  select 'weir_pages_oldest_failing_timestamp_seconds', jsonb_build_object('receiver', notifier),
    extract(epoch from min(first_tried_at))::float8
  from control.page_delivery where state <> 'sent' and state = 'failing' group by notifier`;

/** By the ledger itself, so that it is right also when no monitor runs. */
function ages(graph: Graph) {
  return sql`
    select 'weir_current_to_timestamp_seconds', jsonb_build_object('model', model), extract(epoch from current_to)::float8
    from (${currentTo(graph, sql`now()`)}) as current where current_to is not null`;
}

/** What headers promise, whether or not the monitor has heard of it. */
function promises(graph: Graph): readonly Reading[] {
  return graph.models.filter(isPublished).flatMap(({ name, freshness }) => {
    if (freshness === null) return [];
    const labels = { model: name };
    return [
      { name: 'weir_freshness_objective_seconds', labels, value: freshness.objectiveSeconds },
      { name: 'weir_freshness_target_ratio', labels, value: freshness.target },
    ];
  });
}
