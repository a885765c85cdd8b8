import path from 'node:path';
import { faultText } from '../../catalogue/serve/fault.ts';
import { serveCatalogue, type Served } from '../../catalogue/serve.ts';
import type { CatalogueLinks } from '../../catalogue/site.ts';
import { openDatabase } from '../../workers/databases.ts';
import { loginUrl } from '../local/logins.ts';
import { preferredPort } from '../local/ports.ts';

const PORT = 8236;
const PROJECT = path.resolve(import.meta.dirname, '..', '..');
/** A page asks several things at once. */
const CONNECTIONS = 4;

/** Serves the catalogue of a story's database, as `weir docs serve` does: on the login that sees no row. */
export async function startCatalogue(options: {
  readonly adminUrl: string;
  readonly environment: string;
  readonly links: CatalogueLinks;
  readonly onProgress: (line: string) => void;
}): Promise<Served> {
  const { adminUrl, environment, links, onProgress } = options;
  const database = openDatabase(loginUrl(adminUrl, 'weir_catalogue_reader'), 'weir catalogue', CONNECTIONS);
  const source = {
    ...{ database, environment, links },
    folders: {
      modelsFolder: path.join(PROJECT, 'models'),
      suitesFolder: path.join(PROJECT, 'expectations', 'suites'),
    },
  };
  const onFault = (page: string, error: unknown): void =>
    onProgress(`the catalogue could not make ${page}: ${faultText(error)}`);
  const served = await serveCatalogue({ source, port: await preferredPort(PORT), onFault }).catch(() =>
    // Somebody was quicker.
    serveCatalogue({ source, port: 0, onFault }),
  );
  return {
    url: served.url,
    close: async () => {
      await served.close();
      await database.destroy();
    },
  };
}
