import { loginUrl, logins as known } from '../../infra/local/logins.ts';
import { askPostgres, reasonOf } from './ask-postgres.ts';
import { broken, ok, skipped, warning, type Check, type Finding } from './check.ts';
import { connecting, neededOnSchemas, neededOnTables } from './logins/needed.ts';
import { excessRights, missingRights } from './logins/rights.ts';

/** Whether each of Weir's logins can log in, and may do what it has to and nothing that another is there for. */
export const logins: Check = {
  name: 'logins',
  run: async ({ database, databaseUrl, repository }) => {
    if (database === null || databaseUrl === null) return skipped('Postgres');
    const [entries, missing, excess] = [
      await Promise.all(connecting.map((login) => logIn(databaseUrl, login))),
      await missingRights(database, neededOnTables(repository?.graph.models ?? []), neededOnSchemas()),
      await excessRights(database),
    ];
    const found = [
      ...entries.flat(),
      ...united(missing).map(([what, objects]) =>
        broken(
          `${what} ${objects.length} relations or schemas, such as ${objects[0] ?? ''}`,
          '`weir migrate` grants it',
        ),
      ),
      ...excess.map((one) =>
        warning(`${one.login} ${one.found}`, `take it back as an administrator: ${one.mend}`),
      ),
    ];
    return found.length > 0
      ? found
      : [ok(`${connecting.map(short).join(', ')} log in, with what each needs and no more`)];
  },
};

function short(login: string): string {
  return login.replace(/^weir_/, '');
}

async function logIn(databaseUrl: string, login: (typeof connecting)[number]): Promise<readonly Finding[]> {
  const isReader = 'default_transaction_read_only' in known[login];
  try {
    const { readOnly } = await askPostgres<{ readOnly: string }>(
      loginUrl(databaseUrl, login),
      `select current_setting('default_transaction_read_only') as "readOnly"`,
    );
    if (!isReader || readOnly === 'on') return [];
    return [
      broken(
        `${login} may write: its sessions do not begin read-only`,
        `alter role ${login} set default_transaction_read_only = on`,
      ),
    ];
  } catch (error) {
    const mend =
      '`weir migrate` makes it, with the password that follows from the administrator’s; pg_hba.conf has to admit it';
    return [broken(`${login} cannot log in: ${reasonOf(error)}`, mend)];
  }
}

/** Rights that are missing, by login and right: many relations lack the same one for the same reason. */
function united(
  missing: readonly { readonly login: string; readonly object: string; readonly privilege: string }[],
): readonly (readonly [what: string, objects: readonly string[]])[] {
  const by = Map.groupBy(missing, ({ login, privilege }) => `${login} may not ${privilege} on`);
  return [...by].map(
    ([what, needs]) => [what, needs.map(({ object }) => object.replaceAll('"', ''))] as const,
  );
}
