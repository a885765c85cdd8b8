import { searchAttributeProblems } from '../../infra/local/search-attributes.ts';
import { broken, ok, PATIENCE_MS, skipped, type Check } from './check.ts';

/** Whether what runs are found by is registered, with its type: a run that sets one that is not stands still for ever. */
export const searchAttributes: Check = {
  name: 'search attributes',
  run: async ({ temporal }) => {
    if (temporal === null) return skipped('Temporal');
    const { connection, namespace } = temporal;
    const problems = await connection.withDeadline(Date.now() + PATIENCE_MS, () =>
      searchAttributeProblems(connection, namespace),
    );
    if (problems.length === 0) return [ok('all registered, with their types')];
    return problems.map(({ name, type, registeredAs }) =>
      registeredAs === null
        ? broken(
            `${name} is not registered: runs that set it stand still`,
            `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type ${type}`,
          )
        : broken(
            `${name} is registered as ${registeredAs}, and Weir needs ${type}`,
            `temporal operator search-attribute remove --namespace ${namespace} --name ${name}, then create it with --type ${type}`,
          ),
    );
  },
};
