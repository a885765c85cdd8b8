import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { byChanging, readList, type StoryClaim } from '../world.ts';

const PROJECT = path.resolve(import.meta.dirname, '..', '..', '..');

/** Models whose header states a freshness objective, by name. */
function promised(): readonly string[] {
  return globSync('models/**/*.sql', { cwd: PROJECT })
    .filter((file) => /^freshness:/m.test(readFileSync(path.join(PROJECT, file), 'utf8')))
    .map((file) => path.basename(file, '.sql'))
    .toSorted();
}

/** Step 8: what watched the whole story beside its runs. */
export const monitorClaims: readonly StoryClaim[] = [
  {
    name: 'monitor-found-all-fresh',
    step: 8,
    says: 'the monitor measured each model with an objective, found none too old, and paged nobody',
    from: 'Postgres control.freshness_sample',
    expected: () => promised().map((model) => `${model} fresh`),
    read: (world) =>
      readList(
        world,
        `select model || case when bool_and(is_good) then ' fresh' else ' too old' end
         from control.freshness_sample group by model order by model`,
      ),
    falsify: byChanging(
      `update control.freshness_sample set is_good = false where model = (select min(model) from control.freshness_sample)`,
    ),
  },
];
