import { readUsual } from '../../activities/preview/facts.ts';
import { isPublished } from '../../models/model.ts';
import { objectiveTooShort } from '../../models/objective-rule.ts';
import { broken, ok, skipped, type Check } from './check.ts';

/** Whether each freshness objective can be met by the schedule of its model and what its loads usually take. */
export const objectives: Check = {
  name: 'objectives',
  run: async ({ repository, database }) => {
    if (repository === null) return skipped('the models');
    const { graph } = repository;
    // A database that is not migrated has no ledger, which another check says: the schedules alone count then.
    const usual =
      database === null
        ? new Map<string, number>()
        : await readUsual(database).catch(() => new Map<string, number>());
    const stated = graph.models.filter(isPublished).filter(({ freshness }) => freshness !== null);
    const refusals = stated.flatMap(
      (model) => objectiveTooShort(model, graph, usual.get(model.name) ?? null) ?? [],
    );
    if (refusals.length > 0)
      return refusals.map((line) => broken(line, 'mend the header; `weir plan` refuses it too'));
    return [ok(`${stated.length} freshness objectives, each longer than its schedule and a usual load`)];
  },
};
