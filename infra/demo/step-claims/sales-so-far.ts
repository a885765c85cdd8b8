import { measureFact, pickMeasure, readMeasure, sumScenes } from '../readings/sums.ts';
import type { StoryClaim } from '../world.ts';
import { scenesBefore } from './scenes.ts';

/** How the sales of the hours before the bad one are read: what gold says, and what their files add up to. */
export const salesSoFar: Pick<StoryClaim, 'from' | 'expected' | 'read'> = {
  from: 'Postgres gold.fct_daily_sales',
  expected: (world) => measureFact(pickMeasure(sumScenes(scenesBefore(world)), 'gross_sales')),
  read: async (world) =>
    measureFact(
      await readMeasure(world, 'gross_sales'),
      pickMeasure(sumScenes(scenesBefore(world)), 'gross_sales'),
    ),
};
