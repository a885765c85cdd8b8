import { addressesFrom } from '../../catalogue/addresses.ts';
import { markupOf } from '../../catalogue/html.ts';
import gates from '../../catalogue/pages/gates.ts';
import type { Site } from '../../catalogue/site.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabase } from '../../workers/databases.ts';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { look } from './standings.ts';

/** A database of its own, and the pages of gate runs as the catalogue's login sees it. */
export interface GatePages {
  readonly database: FreshDatabase;
  readonly site: Site;
  /** A page as somebody reads it who hears it: its text, with one space where markup stood. */
  readonly read: (id: string) => Promise<{ readonly title: string; readonly text: string }>;
  readonly close: () => Promise<void>;
}

/** @param at when the look is, ISO 8601. */
export async function openGatePages(at: string): Promise<GatePages> {
  const database = await freshDatabase();
  const reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 2);
  const site = await look(reader, at);
  return {
    database,
    site,
    read: async (id) => {
      const page = await gates.page(site, id, addressesFrom(1));
      if (page === null) throw new Error(`there is no page ${id}`);
      const text = markupOf([page.lead, page.body])
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ');
      return { title: page.title, text };
    },
    close: async () => {
      await reader.destroy();
      await database.drop();
    },
  };
}
