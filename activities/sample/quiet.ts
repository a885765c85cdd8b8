import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import type { Database } from '../databases.ts';
import { builtFrom } from './late-facts.ts';
import { RHYTHM } from './objectives.ts';
import { arrivedBetween, readersOf, speakingSources } from './rhythm.ts';

/** A model whose loads find nothing. */
export interface Unfed {
  readonly model: string;
  readonly ageSeconds: number;
}

/** Longest that is looked back at: what a source did in another hour says nothing of this one. */
const HOUR_SECONDS = 3600;

/**
 * Those of models whose loads find nothing that are not late by it: no source below them had anything to say. For as long
 * as nothing came, an hour at most, nothing used to come at this time of the week either, more than once in eight. A
 * source that is known for less than four weeks, or that fell silent and has not spoken since, is not quiet.
 */
export async function quietModels(
  db: Database,
  graph: Graph,
  unfed: readonly Unfed[],
  now: Date,
): Promise<ReadonlySet<string>> {
  const speaking = new Set(speakingSources(graph).map(({ name }) => name));
  const asked = unfed.flatMap(({ model, ageSeconds }) =>
    builtFrom(graph, model)
      .filter((name) => speaking.has(name))
      .map((source) => ({ model, source, seconds: Math.min(ageSeconds, HOUR_SECONDS) })),
  );
  if (asked.length === 0) return new Set();
  const at = sql`${now}::timestamptz`;
  const ago = sql`${at} - make_interval(weeks => ago.week)`;
  const { rows } = await sql<{ readonly model: string }>`
    with reader as (${readersOf(graph)}),
    asked as (
      select * from unnest(${asked.map(({ model }) => model)}::text[], ${asked.map(({ source }) => source)}::text[],
        ${asked.map(({ seconds }) => seconds)}::float8[]) as asked (model, source, seconds)
    ),
    learned as (
      select asked.model, asked.source, count(*) filter (where week.was_known) as weeks,
        count(*) filter (where week.was_known and week.came) as heard
      from asked
      cross join generate_series(1, ${RHYTHM.weeks}::int) as ago (week)
      cross join lateral (
        select ${arrivedBetween(sql`asked.source`, sql`'-infinity'::timestamptz`, sql`${ago} - make_interval(secs => asked.seconds)`)} as was_known,
          ${arrivedBetween(
            sql`asked.source`,
            sql`${ago} - make_interval(secs => asked.seconds)`,
            sql`${ago} - make_interval(secs => least(${RHYTHM.slackMinutes}::int * 60, asked.seconds / 6))`,
          )} as came
      ) as week
      group by asked.model, asked.source
    )
    select model from learned group by model
    having bool_and(weeks >= ${RHYTHM.leastWeeks}::int and heard < weeks - floor(weeks * ${RHYTHM.quietOfEight}::int / ${RHYTHM.weeks}::float8))
      and not exists (
        select from control.objective_alarm as a
        where a.alarm = 'sourceSilent' and a.state = 'raised' and a.subject = any (array_agg(learned.source)))`.execute(
    db,
  );
  return new Set(rows.map(({ model }) => model));
}
