import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import { currentTo } from '../sample/age.ts';

/** A promise about age that is missed while a model waits. */
export interface ObjectiveAtRisk {
  readonly model: string;
  readonly objectiveSeconds: number;
  /** When it is missed unless something is published before. */
  readonly missedAt: Date;
}

/** The freshness objectives of these models, by when each is missed, the first that is first. */
export async function objectivesAtRisk(
  db: Database,
  graph: Graph,
  models: readonly string[],
): Promise<readonly ObjectiveAtRisk[]> {
  const promised = graph.models
    .filter(isPublished)
    .filter(({ name, freshness }) => freshness !== null && models.includes(name));
  if (promised.length === 0) return [];
  const { rows } = await sql<{ model: string; current_to: Date | null }>`
    select aged.model, aged.current_to
    from (${currentTo(graph, sql`clock_timestamp()`)}) as aged
    where aged.model = any (${promised.map(({ name }) => name)}::text[])`.execute(db);
  return rows
    .flatMap(({ model, current_to: current }) => {
      const seconds = promised.find(({ name }) => name === model)?.freshness?.objectiveSeconds;
      if (current === null || seconds === undefined) return [];
      const missedAt = new Date(current.getTime() + seconds * 1000);
      return [{ model, objectiveSeconds: seconds, missedAt }];
    })
    .toSorted((a, b) => a.missedAt.getTime() - b.missedAt.getTime());
}

/** Each objective in words. */
export function describeObjectives(objectives: readonly ObjectiveAtRisk[], now: Date): readonly string[] {
  return objectives.map(({ model, objectiveSeconds, missedAt }) => {
    // No minutes from now: what is read stands there for as long as the incident is open.
    const when = missedAt > now ? 'will be missed at' : 'missed since';
    return `${model}, ${Math.round(objectiveSeconds / 60)} min: ${when} ${missedAt.toISOString()}`;
  });
}
