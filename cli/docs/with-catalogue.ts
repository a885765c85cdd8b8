import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { CatalogueSource } from '../../catalogue/read-site.ts';
import { readCatalogueLinks } from '../../workers/settings.ts';
import { refuseUnmigrated } from '../migrated.ts';
import { cliDatabaseUrl, cliFolders, withDatabase } from '../connect.ts';

/**
 * Opens what a catalogue is made from, on the login that sees no row, and closes it whatever happens.
 *
 * @param verb as the database shows it among its connections: `weir docs build`.
 * @param connections at once.
 * @throws Failure (3) for a database that is not migrated.
 */
export async function withCatalogue<T>(
  verb: string,
  connections: number,
  work: (source: CatalogueSource) => Promise<T>,
): Promise<T> {
  // Of a demo that runs, its settings: the links below are among them.
  cliDatabaseUrl();
  const source = {
    folders: cliFolders(),
    environment: process.env['WEIR_ENVIRONMENT'] ?? 'development',
    links: {
      ...readCatalogueLinks(process.env),
      namespace: loadClientConnectConfig().namespace ?? 'default',
    },
  };
  return await withDatabase(
    verb,
    async (database) => {
      await refuseUnmigrated(database);
      return await work({ ...source, database });
    },
    'weir_catalogue_reader',
    connections,
  );
}
