import type { IncidentFacts } from '../readings/incidents.ts';
import type { World } from '../world.ts';

/** This story's incidents: those of its environment that opened after it began. */
export async function storyIncidents(world: World): Promise<readonly IncidentFacts[]> {
  const { environment, startedAt } = world.notes;
  return (await world.incidents()).filter(
    ({ dedupKey, createdAt }) => dedupKey.startsWith(`weir/${environment}/`) && createdAt >= startedAt,
  );
}
