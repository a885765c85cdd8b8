import { sql } from 'kysely';
import type { Database } from '../activities/databases.ts';
import { readRepository } from '../activities/repository.ts';
import type { RepositoryFolders } from '../activities/repository.ts';
import type { Site } from './site.ts';

/** What a catalogue is made of, whenever it is looked at. */
export interface CatalogueSource extends Pick<Site, 'database' | 'environment' | 'links'> {
  readonly folders: RepositoryFolders;
}

/**
 * One look at everything. Files are read again where one has changed.
 *
 * @param database reads for this look; the source's own where left out.
 * @throws ModelRefused or SuiteRefused with every problem of the files.
 */
export async function readSite(source: CatalogueSource, database: Database = source.database): Promise<Site> {
  const { folders, environment, links } = source;
  const [repository, clock] = await Promise.all([
    readRepository(folders),
    sql<{ at: Date }>`select clock_timestamp() as at`.execute(database),
  ]);
  const at = clock.rows[0]?.at;
  if (at === undefined) throw new Error('the database did not say what time it is');
  return { database, repository, at, environment, links };
}
