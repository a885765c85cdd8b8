import { sql } from 'kysely';
import { isPublished } from '../../models/model.ts';
import type { Site } from '../site.ts';
import { isAway } from './away.ts';

/** What came of a run, or stands of it now; the gravest of its models. */
export const runStates = ['failed', 'held', 'running', 'published', 'empty'] as const;
export type RunState = (typeof runStates)[number];

/** A run of a pipeline, or several of one state that began so near each other that a chart shows them as one. */
export interface RunBar {
  readonly pipeline: string;
  readonly state: RunState;
  /** 1 of a run by itself. */
  readonly runs: number;
  readonly began: Date;
  /** Of what goes on: now. */
  readonly ended: Date;
  /** Models that it published, and rows that were inserted or updated in them. */
  readonly published: number;
  readonly rows: number;
  /** The models that failed or are held. */
  readonly troubled: readonly string[];
  /** The last of them. */
  readonly workflowId: string;
  readonly runId: string;
}

/** Runs of a time, and the time that they fit into. */
export interface RunsOfLate {
  readonly from: Date;
  readonly to: Date;
  /** How many runs there were, whatever is shown as one. */
  readonly runs: number;
  readonly counts: Readonly<Record<RunState, number>>;
  /** By pipeline and beginning. */
  readonly bars: readonly RunBar[];
}

/** Of an hour of the day four: what begins within less than that is drawn as one. */
const SLOTS = 96;

/** A run is told apart as long as there is room for each. */
const TOLD_APART = 60;

/**
 * The runs of the last hours, from what they loaded; those that failed before they had opened a load, from the incident
 * of their pipeline. By index: a model's loads of the time.
 *
 * @param hours how far back; a life that is shorter is all there is to see, so the time begins with the first run.
 */
export async function readRuns(site: Site, hours = 24): Promise<RunsOfLate> {
  const { rows } = await sql<RunBar & { readonly first: Date; readonly all: number }>`
    with ${loadsOf(site, hours)},
    ran as (
      select min(pipeline) as pipeline, workflow_id, (array_agg(run_id order by load_id desc))[1] as run_id,
        min(first_opened) as began,
        case when bool_or(stands in ('held', 'running')) then ${site.at}::timestamptz
          else max(coalesce(published_at, staged_at, opened_at)) end as ended,
        (${[...runStates]}::text[])[min(array_position(${[...runStates]}::text[], stands))] as state,
        count(*) filter (where stands = 'published') as published,
        coalesce(sum(rows_inserted + rows_updated) filter (where stands = 'published'), 0)::float8 as rows,
        array_agg(model) filter (where stands in ('failed', 'held')) as troubled
      from judged group by workflow_id
      union all ${failedBeforeALoad(site, hours)}
    ),
    placed as (
      select ran.*, span.first, count(*) over () as all, count(*) over (partition by pipeline) as beside,
        floor(extract(epoch from began - span.first)
          / nullif(extract(epoch from ${site.at}::timestamptz - span.first), 0) * ${SLOTS}) as slot
      from ran cross join (select min(began) as first from ran) as span
    )
    select pipeline, state, count(*) as runs, min(began) as began, max(ended) as ended, sum(published)::int as published,
      sum(rows) as rows,
      string_to_array(string_agg(nullif(array_to_string(troubled, ','), ''), ','), ',') as troubled,
      (array_agg(workflow_id order by began desc))[1] as "workflowId",
      (array_agg(run_id order by began desc))[1] as "runId", min(first) as first, min(placed.all) as all
    from placed
    group by pipeline, state,
      case when beside <= ${TOLD_APART} or state in ('held', 'running') then workflow_id else slot::text end
    order by pipeline, began`.execute(site.database);
  return {
    from: rows[0]?.first ?? site.at,
    to: site.at,
    runs: rows[0]?.all ?? 0,
    counts: countStates(rows),
    bars: rows.map(({ first: _first, all: _all, troubled, ...bar }) => ({
      ...bar,
      troubled: [...new Set(troubled)],
    })),
  };
}

/** The last load of each model in each run, and how it stands; what a run that is over left open has failed. */
function loadsOf({ repository, at }: Site, hours: number) {
  const models = repository.graph.models.filter(isPublished).map(({ name }) => name);
  return sql`
    loaded as (
      select distinct on (l.workflow_id, l.model) l.*, min(l.opened_at) over (partition by l.workflow_id) as first_opened
      from unnest(${models}::text[]) as asked (model)
      cross join lateral (
        select c.model, c.pipeline, c.workflow_id, c.run_id, c.load_id, c.state, c.opened_at, c.staged_at,
          c.published_at, c.rows_inserted, c.rows_updated, c.gave_way_at
        from control.load as c where c.model = asked.model
          and c.opened_at >= ${at}::timestamptz - make_interval(hours => ${hours}) and c.opened_at <= ${at}::timestamptz
      ) as l
      order by l.workflow_id, l.model, l.load_id desc
    ),
    judged as (
      select loaded.*,
        case when loaded.state in ('published', 'empty') then loaded.state
          -- Its run waits for its turn, and goes on with what it held.
          when ${isAway('loaded')} then 'held'
          when loaded.state <> 'abandoned' and lease.state in ('held', 'running') and ended.run_id is null then lease.state
          else 'failed' end as stands
      from loaded
      left join control.lease as lease on lease.model = loaded.model and lease.workflow_id = loaded.workflow_id
      left join control.watch_ended_run as ended on ended.run_id = lease.run_id
    )`;
}

/** The first and the last failed run of each incident, where they have no load: between them nobody knows their names. */
function failedBeforeALoad({ environment, at }: Site, hours: number) {
  return sql`
    select i.pipeline, run.workflow_id, coalesce(run.run_id, ''), run.at, run.at, 'failed', 0, 0, '{}'::text[]
    from control.incident as i
    cross join lateral (
      values (i.workflow_id, i.run_id, i.first_failed_at), (i.last_workflow_id, i.last_run_id, i.last_failed_at)
    ) as run (workflow_id, run_id, at)
    where i.kind = 'runFailed' and i.pipeline is not null and starts_with(i.dedup_key, ${`weir/${environment}/`})
      and run.workflow_id is not null and (run.at = i.first_failed_at or run.workflow_id <> i.workflow_id)
      and run.at > ${at}::timestamptz - make_interval(hours => ${hours}) and run.at <= ${at}::timestamptz
      and not exists (select from judged where judged.workflow_id = run.workflow_id)`;
}

function countStates(bars: readonly RunBar[]): Readonly<Record<RunState, number>> {
  const counts = { failed: 0, held: 0, running: 0, published: 0, empty: 0 };
  for (const { state, runs } of bars) counts[state] += runs;
  return counts;
}
