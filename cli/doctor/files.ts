import { broken, ok, type Check } from './check.ts';

/** Whether models, suites and unit tests can be used. */
export const files: Check = {
  name: 'models and suites',
  run: ({ repository, refusals }) => {
    if (repository === null || refusals.length > 0)
      return refusals.map((line) => broken(line, 'mend the file; `weir plan` says when it is good'));
    const { graph, suites } = repository;
    return [ok(`${graph.models.length} models, ${suites.size} suites`)];
  },
};
