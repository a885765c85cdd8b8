import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import type { RunRef } from '../run-ref.ts';

/** What the control tables know of a model that is too old. */
export interface LateFacts {
  readonly model: string;
  /** The model itself, or one that it is built from, whose gate holds it or whose hold has expired. */
  readonly held: { readonly model: string; readonly since: Date; readonly run: RunRef } | null;
  /** Who works on it. */
  readonly running: { readonly since: Date; readonly run: RunRef } | null;
  /** Its last load that has ended, by the schedule or by hand. */
  readonly last: { readonly state: string; readonly openedAt: Date; readonly run: RunRef } | null;
  /** When its pipeline last opened a load of any model. */
  readonly pipelineOpenedAt: Date | null;
  /** A source below it that is not what its header says. */
  readonly drifted: string | null;
  /** The source below it that has been quiet for longest, of those whose deliveries are noted. */
  readonly quiet: { readonly source: string; readonly since: Date } | null;
}

interface Row {
  readonly model: string;
  readonly held_model: string | null;
  readonly held_since: Date | null;
  readonly held_workflow: string | null;
  readonly held_run: string | null;
  readonly running_since: Date | null;
  readonly running_workflow: string | null;
  readonly running_run: string | null;
  readonly last_state: string | null;
  readonly last_opened: Date | null;
  readonly last_workflow: string | null;
  readonly last_run: string | null;
  readonly pipeline_opened: Date | null;
  readonly drifted: string | null;
  readonly quiet_source: string | null;
  readonly quiet_since: Date | null;
}

/** Everything that a model is built from, itself first. */
export function builtFrom(graph: Graph, name: string): readonly string[] {
  const found = [name];
  for (let at = 0; at < found.length; at += 1)
    for (const one of graph.upstream.get(found[at] ?? '') ?? []) if (!found.includes(one)) found.push(one);
  return found;
}

/** Reads what is known of models, in one statement. */
export async function readLateFacts(
  db: Database,
  graph: Graph,
  models: readonly PublishedModel[],
): Promise<ReadonlyMap<string, LateFacts>> {
  const below = models.flatMap(({ name }) =>
    builtFrom(graph, name).map((by, steps) => ({ name, by, steps })),
  );
  const [names, bys] = [below.map(({ name }) => name), below.map(({ by }) => by)];
  const { rows } = await sql<Row>`
    with asked as (select * from unnest(${models.map(({ name }) => name)}::text[],
        ${models.map(({ schedule }) => schedule)}::text[]) as asked (model, pipeline)),
    below as (select * from unnest(${names}::text[], ${bys}::text[], ${below.map(({ steps }) => steps)}::int[]) as below (model, by, steps)),
    opened as (
      select p.pipeline, newest.opened_at
      from (select distinct pipeline from asked) as p
      cross join lateral (
        -- No =, which would let the index on load_id alone be read back to a pipeline that has not run for long.
        select l.opened_at from control.load as l where l.pipeline >= p.pipeline and l.pipeline <= p.pipeline
        order by l.pipeline desc, l.load_id desc limit 1) as newest
    )
    select a.model, held.model as held_model, held.since as held_since, held.workflow_id as held_workflow, held.run_id as held_run,
      running.since as running_since, running.workflow_id as running_workflow, running.run_id as running_run,
      last.state as last_state, last.opened_at as last_opened, last.workflow_id as last_workflow, last.run_id as last_run,
      opened.opened_at as pipeline_opened, drift.source as drifted, quiet.source as quiet_source, quiet.since as quiet_since
    from asked as a
    left join opened using (pipeline)
    left join lateral (
      select lease.* from below join control.lease as lease on lease.model = below.by and lease.state in ('held', 'expired')
      where below.model = a.model order by below.steps limit 1) as held on true
    left join control.lease as running on running.model = a.model and running.state = 'running'
    left join lateral (
      select l.* from control.load as l
      where l.model = a.model and l.state in ('published', 'empty', 'abandoned') and l.read_window ->> 'kind' <> 'interval' and not l.read_window ? 'replayOf'
      order by l.opened_at desc limit 1) as last on true
    left join lateral (
      select d.source from below join control.source_drift as d on d.source = below.by and d.cleared_at is null
      where below.model = a.model order by below.steps limit 1) as drift on true
    left join lateral (
      select below.by as source, newest.landed_at as since from below
      cross join lateral (select landed_at from control.landing as n where n.source = below.by order by landed_at desc limit 1) as newest
      where below.model = a.model order by newest.landed_at limit 1) as quiet on true`.execute(db);
  return new Map(rows.map((row) => [row.model, factsOf(row)]));
}

function factsOf(row: Row): LateFacts {
  const run = (workflowId: string | null, runId: string | null): RunRef => ({
    workflowId: workflowId ?? '',
    runId: runId ?? '',
  });
  return {
    model: row.model,
    held:
      row.held_model === null || row.held_since === null
        ? null
        : { model: row.held_model, since: row.held_since, run: run(row.held_workflow, row.held_run) },
    running:
      row.running_since === null
        ? null
        : { since: row.running_since, run: run(row.running_workflow, row.running_run) },
    last:
      row.last_state === null || row.last_opened === null
        ? null
        : { state: row.last_state, openedAt: row.last_opened, run: run(row.last_workflow, row.last_run) },
    pipelineOpenedAt: row.pipeline_opened,
    drifted: row.drifted,
    quiet:
      row.quiet_source === null || row.quiet_since === null
        ? null
        : { source: row.quiet_source, since: row.quiet_since },
  };
}

/** Published models that a model reads directly. */
export function readDirectly(graph: Graph, { name }: PublishedModel): readonly PublishedModel[] {
  return (graph.upstream.get(name) ?? []).flatMap((one) => {
    const model = graph.byName.get(one);
    return model !== undefined && isPublished(model) ? [model] : [];
  });
}
