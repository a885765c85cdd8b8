import { sql } from 'kysely';
import { isPublished } from '../../models/model.ts';
import { pendingMigrations } from '../../infra/migrate.ts';
import { broken, ok, skipped, warning, type Check, type Finding, type Surroundings } from './check.ts';

/** Whether the database has what this version needs: its migrations, and the relations of all models. */
export const migrations: Check = {
  name: 'migrations',
  run: async (surroundings) => {
    if (surroundings.database === null) return skipped('Postgres');
    const pending = await pendingMigrations(surroundings.database);
    if (pending.length > 0)
      return [
        broken(`${pending.length} migrations are missing, from ${pending[0] ?? ''} on`, '`weir migrate`'),
      ];
    const found = [...(await newerOnes(surroundings)), ...(await relations(surroundings))];
    return found.length > 0 ? found : [ok('all migrations, and a relation for every model')];
  },
};

/** Of a database that a later version has migrated: an earlier one does not know what it would write into. */
async function newerOnes({ database }: Surroundings): Promise<readonly Finding[]> {
  if (database === null) return [];
  const known = await pendingMigrations(database, { all: true });
  const { rows } = await sql<{ name: string }>`select name from migration.applied order by name`.execute(
    database,
  );
  const newer = rows.map(({ name }) => name).filter((name) => !known.includes(name));
  if (newer.length === 0) return [];
  return [
    warning(
      `the database has migrations that this version does not know: ${newer.join(', ')}`,
      'run the version that made them, or one after it',
    ),
  ];
}

async function relations({ database, repository }: Surroundings): Promise<readonly Finding[]> {
  if (database === null || repository === null) return [];
  const names = repository.graph.models.map(({ relation }) => relation);
  const { rows } = await sql<{ relation: string }>`
    select relation from unnest(${names}::text[]) as asked (relation) where to_regclass(relation) is null`.execute(
    database,
  );
  const missing = rows.map(({ relation }) => relation);
  const published = new Set(repository.graph.models.filter(isPublished).map(({ relation }) => relation));
  return missing.map((relation) =>
    broken(
      `${relation} is not in the database`,
      `\`weir migrate\` makes it${published.has(relation) ? '; the next run fills it' : ''}`,
    ),
  );
}
