import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { deltasOf } from '../../models/deltas.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished, isState } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';

/** How old what readers see of a model is, against what its header promises. */
export interface ModelFreshness {
  readonly model: string;
  /**
   * Everything that had arrived by then is published, ISO 8601 UTC; null of a model that nothing was published of.
   * The moment at which the last load that brought something fixed its window: its newest row is not younger. A load whose
   * window was empty brings nothing, so a source that falls silent lets its models grow old; of a model that only reads
   * the state of another database an empty window says that nothing changed there, and counts. A model that reads whole
   * relations is no younger than the models it reads. Loads of a range, replays, and rebuilds that found nothing new say
   * nothing about what is newest.
   */
  readonly currentTo: string | null;
  readonly ageSeconds: number | null;
  /** Null where the header has none. */
  readonly objectiveSeconds: number | null;
  /** The share of the time in which the objective is to be met, and in which it was: of 30 days, or since the first load. */
  readonly target: number | null;
  readonly met: number | null;
  readonly state: 'fresh' | 'stale' | 'none';
}

interface Measured {
  readonly model: string;
  readonly current_to: Date | null;
  readonly met: number | null;
}

/** Measures each published model by the ledger and the database's own clock. */
export async function readFreshness(
  database: Database,
  graph: Graph,
): Promise<{ readonly now: Date; readonly models: readonly ModelFreshness[] }> {
  const published = graph.models.filter(isPublished);
  const measured = await measure(database, graph, published);
  const now = measured.now;
  const currentTo = new Map<string, Date | null>();
  const models = published.map((model) => {
    const own = measured.models.get(model.name);
    const upTo = earliest([own?.current_to ?? null, ...boundsOf(graph, model, currentTo)]);
    currentTo.set(model.name, upTo);
    return judge(model, upTo, own?.met ?? null, now);
  });
  return { now, models };
}

/** What a model that reads whole relations can be no younger than. The graph has those before it. */
function boundsOf(
  graph: Graph,
  { name, shape }: PublishedModel,
  currentTo: ReadonlyMap<string, Date | null>,
): readonly (Date | null)[] {
  if (shape.kind !== 'whole') return [];
  return (graph.upstream.get(name) ?? []).flatMap((one) => {
    const upTo = currentTo.get(one);
    return upTo === undefined ? [] : [upTo];
  });
}

function earliest(times: readonly (Date | null)[]): Date | null {
  return times.reduce((a, b) => (a === null || b === null ? null : a < b ? a : b));
}

function judge(
  { name, freshness }: PublishedModel,
  currentTo: Date | null,
  met: number | null,
  now: Date,
): ModelFreshness {
  const ageSeconds =
    currentTo === null ? null : Math.max(0, Math.round((now.getTime() - currentTo.getTime()) / 1000));
  const objectiveSeconds = freshness?.objectiveSeconds ?? null;
  const isFresh = ageSeconds !== null && objectiveSeconds !== null && ageSeconds <= objectiveSeconds;
  return {
    model: name,
    currentTo: currentTo?.toISOString() ?? null,
    ageSeconds,
    objectiveSeconds,
    target: freshness?.target ?? null,
    met,
    state: objectiveSeconds === null ? 'none' : isFresh ? 'fresh' : 'stale',
  };
}

/** Models for which an empty window says that nothing has changed where they read. */
function quietModels(graph: Graph, models: readonly PublishedModel[]): readonly string[] {
  return models
    .filter(({ shape }) => {
      const sources = deltasOf(shape).map((delta) => graph.byName.get(delta));
      return sources.length > 0 && sources.every((one) => one !== undefined && isState(one));
    })
    .map(({ name }) => name);
}

async function measure(
  database: Database,
  graph: Graph,
  models: readonly PublishedModel[],
): Promise<{ readonly now: Date; readonly models: ReadonlyMap<string, Measured> }> {
  const names = models.map(({ name }) => name);
  const objectives = models.map(({ freshness }) => freshness?.objectiveSeconds ?? null);
  const { rows } = await sql<Measured & { readonly now: Date }>`
    with clock as (select clock_timestamp() as now, clock_timestamp() - interval '30 days' as since),
    asked as (select * from unnest(${names}::text[], ${objectives}::float8[]) as asked (model, objective)),
    brought as (
      select l.model, l.opened_at, coalesce(l.published_at, l.opened_at) as published_at
      from control.load as l join asked using (model)
      where not l.read_window ? 'replayOf' and (
        l.state = 'published' and l.read_window ->> 'kind' <> 'interval'
          and (not l.read_window ? 'rebuild' or l.rows_inserted > 0)
        or l.state = 'empty' and l.read_window ->> 'kind' = 'arrival' and l.model = any (${quietModels(graph, models)}::text[]))
    ),
    spans as (
      select model, opened_at, greatest(published_at, since) as seen,
        greatest(coalesce(lead(published_at) over (partition by model order by opened_at), now), since) as until
      from brought, clock
    )
    select asked.model, (select now from clock) as now, max(spans.opened_at) as current_to,
      (sum(extract(epoch from greatest(least(until, opened_at + objective * interval '1 second') - seen, interval '0')))
        / nullif(sum(extract(epoch from greatest(until - seen, interval '0'))), 0))::float8 as met
    from asked left join spans using (model) group by asked.model`.execute(database);
  return {
    now: rows[0]?.now ?? new Date(),
    models: new Map(rows.map((row) => [row.model, row])),
  };
}
