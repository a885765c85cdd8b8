import { serveCatalogue, type Served } from '../../catalogue/serve.ts';
import { openDatabase } from '../../workers/databases.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import type { TestWeir } from './weir.ts';

/** Serves the catalogue of a test's Weir, on the login that sees no row. Close it before the Weir. */
export async function serveWeir({ database, settings, temporal }: TestWeir): Promise<Served> {
  const reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 4);
  const { modelsFolder, suitesFolder, environment, temporalUiUrl, repositoryUrl = null } = settings;
  const faults: unknown[] = [];
  const served = await serveCatalogue({
    source: {
      database: reader,
      folders: { modelsFolder, suitesFolder },
      environment,
      links: { temporalUi: temporalUiUrl, namespace: temporal.client.options.namespace, repositoryUrl },
    },
    port: 0,
    onFault: (_path, error) => faults.push(error),
  });
  return {
    url: served.url,
    close: async () => {
      await served.close();
      await reader.destroy();
      if (faults.length > 0) throw new AggregateError(faults, 'pages of the catalogue could not be made');
    },
  };
}
