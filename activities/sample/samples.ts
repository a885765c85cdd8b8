import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import { currentTo } from './age.ts';

/** How old a model with an objective is at a minute. */
export interface Age {
  readonly model: PublishedModel;
  /**
   * Null of a model that nothing was published of: its age counts from when it was first looked at, and from when its
   * pipeline opened its first load. Where nobody has applied the schedules yet nobody waits for it.
   */
  readonly currentTo: Date | null;
  readonly ageSeconds: number;
  readonly objectiveSeconds: number;
  readonly target: number;
  readonly isGood: boolean;
}

/** The ages of all models with an objective, in the graph's order. */
export interface Ages {
  /** When they were read, by the database's clock. */
  readonly now: Date;
  /** The whole minute that they are of, UTC. */
  readonly minute: Date;
  readonly ages: readonly Age[];
}

interface Row {
  readonly model: string;
  readonly now: Date;
  readonly minute: Date;
  readonly current_to: Date | null;
  readonly age: number;
}

/**
 * Reads how old the models are.
 *
 * @param at ISO 8601; null: now, by the database's clock.
 */
export async function readAges(db: Database, graph: Graph, at: string | null): Promise<Ages> {
  const asked = graph.models.filter(isPublished).filter(({ freshness }) => freshness !== null);
  const { rows } = await sql<Row>`
    with clock as (select coalesce(${at}::timestamptz, pg_catalog.clock_timestamp()) as now),
    current as (${currentTo(graph, sql`(select now from clock)`)})
    select model, clock.now, date_trunc('minute', clock.now) as minute, current.current_to,
      greatest(0, extract(epoch from clock.now - coalesce(current.current_to, greatest(p.since, begun.at), clock.now)))::float8 as age
    from clock join current on true
    join unnest(${asked.map(({ name }) => name)}::text[], ${asked.map(({ schedule }) => schedule)}::text[]) as asked (model, pipeline) using (model)
    left join lateral (
      select l.opened_at as at from control.load as l
      -- No =, which would let the index on load_id alone be read from the first load of any pipeline on.
      where current.current_to is null and l.pipeline >= asked.pipeline and l.pipeline <= asked.pipeline
      order by l.pipeline, l.load_id limit 1) as begun on true
    left join control.objective_promise as p on p.kind = 'freshness' and p.subject = model and begun.at is not null`.execute(
    db,
  );
  const found = new Map(rows.map((row) => [row.model, row]));
  return {
    now: rows[0]?.now ?? moment(at),
    minute: rows[0]?.minute ?? new Date(Math.floor(moment(at).getTime() / 60_000) * 60_000),
    ages: asked.flatMap((model) => ageOf(model, found.get(model.name))),
  };
}

/** Nothing has an objective: there is nobody to ask the time. */
function moment(at: string | null): Date {
  return at === null ? new Date() : new Date(at);
}

function ageOf(model: PublishedModel, row: Row | undefined): readonly Age[] {
  const { freshness } = model;
  if (freshness === null || row === undefined) return [];
  const { objectiveSeconds, target } = freshness;
  const isGood = row.age <= objectiveSeconds;
  return [{ model, currentTo: row.current_to, ageSeconds: row.age, objectiveSeconds, target, isGood }];
}

/**
 * Keeps the samples of a minute, their hour's counts and what is promised now, in one statement. A minute that was
 * sampled stays as it is.
 *
 * @param stations where the rows of those are that are too old, by model.
 */
export async function keepSamples(
  db: Database,
  { minute, ages }: Ages,
  stations: ReadonlyMap<string, string>,
): Promise<void> {
  if (ages.length === 0) return;
  await sql`
    with given as (
      select * from unnest(${ages.map(({ model }) => model.name)}::text[], ${ages.map((one) => one.ageSeconds)}::float8[],
        ${ages.map((one) => one.objectiveSeconds)}::float8[], ${ages.map((one) => one.target)}::float8[],
        ${ages.map((one) => one.isGood)}::boolean[], ${ages.map(({ model }) => stations.get(model.name) ?? null)}::text[])
        as given (model, age, objective, target, is_good, station)
    ), sampled as (
      insert into control.freshness_sample (model, sampled_at, age_seconds, objective_seconds, is_good, station)
      select model, ${minute}::timestamptz, age, objective, is_good, station from given
      on conflict do nothing returning model, is_good
    ), counted as (
      insert into control.objective_hour as h (kind, subject, hour, good, bad)
      select 'freshness', model, date_trunc('hour', ${minute}::timestamptz, 'UTC'), is_good::int, (not is_good)::int
      from sampled
      on conflict (kind, subject, hour) do update set good = h.good + excluded.good, bad = h.bad + excluded.bad
    )
    insert into control.objective_promise as p (kind, subject, target, objective_seconds, unit_seconds, since, measured_to)
    select 'freshness', model, target, objective, 60, ${minute}::timestamptz, ${minute}::timestamptz from given
    on conflict (kind, subject) do update set target = excluded.target, objective_seconds = excluded.objective_seconds,
      measured_to = greatest(p.measured_to, excluded.measured_to)`.execute(db);
}
