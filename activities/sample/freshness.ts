import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import { broughtSomething, currentTo } from './age.ts';

/** How old what readers see of a model is, against what its header promises. */
export interface ModelFreshness {
  readonly model: string;
  /** Everything that had arrived by then is published, ISO 8601 UTC; null of a model that nothing was published of. */
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
  readonly now: Date;
  readonly current_to: Date | null;
  readonly met: number | null;
}

/** Measures each published model by the ledger and the database's own clock. */
export async function readFreshness(
  database: Database,
  graph: Graph,
): Promise<{ readonly now: Date; readonly models: readonly ModelFreshness[] }> {
  const published = graph.models.filter(isPublished);
  const rows = await measure(database, graph, published);
  const measured = new Map(rows.map((row) => [row.model, row]));
  return {
    now: rows[0]?.now ?? new Date(),
    models: published.flatMap((model) => {
      const row = measured.get(model.name);
      return row === undefined ? [] : [judge(model, row)];
    }),
  };
}

function judge({ name, freshness }: PublishedModel, { current_to, met, now }: Measured): ModelFreshness {
  const ageSeconds =
    current_to === null ? null : Math.max(0, Math.round((now.getTime() - current_to.getTime()) / 1000));
  const objectiveSeconds = freshness?.objectiveSeconds ?? null;
  const isFresh = ageSeconds !== null && objectiveSeconds !== null && ageSeconds <= objectiveSeconds;
  return {
    model: name,
    currentTo: current_to?.toISOString() ?? null,
    ageSeconds,
    objectiveSeconds,
    target: freshness?.target ?? null,
    met,
    state: objectiveSeconds === null ? 'none' : isFresh ? 'fresh' : 'stale',
  };
}

async function measure(
  database: Database,
  graph: Graph,
  models: readonly PublishedModel[],
): Promise<readonly Measured[]> {
  const names = models.map(({ name }) => name);
  const objectives = models.map(({ freshness }) => freshness?.objectiveSeconds ?? null);
  const { rows } = await sql<Measured>`
    with clock as (select clock_timestamp() as now, clock_timestamp() - interval '30 days' as since),
    asked as (select * from unnest(${names}::text[], ${objectives}::float8[]) as asked (model, objective)),
    current as (${currentTo(graph, sql`(select now from clock)`)}),
    brought as (
      select l.model, l.opened_at, coalesce(l.published_at, l.opened_at) as published_at
      from control.load as l join asked using (model) where ${broughtSomething(graph)}
    ),
    spans as (
      select model, opened_at, greatest(published_at, since) as seen,
        greatest(coalesce(lead(published_at) over (partition by model order by opened_at), now), since) as until
      from brought, clock
    )
    select asked.model, (select now from clock) as now, current.current_to,
      (sum(extract(epoch from greatest(least(until, opened_at + objective * interval '1 second') - seen, interval '0')))
        / nullif(sum(extract(epoch from greatest(until - seen, interval '0'))), 0))::float8 as met
    from asked join current using (model) left join spans using (model)
    group by asked.model, current.current_to`.execute(database);
  return rows;
}
