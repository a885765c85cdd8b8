import { addressesFrom } from '../../catalogue/addresses.ts';
import { markupOf } from '../../catalogue/html.ts';
import models from '../../catalogue/pages/models.ts';
import type { Site } from '../../catalogue/site.ts';

/** The markup of a page of models without its frame, from a look of its own. @throws Error where there is no such page. */
export async function modelMarkup(site: Site, id: string): Promise<string> {
  const page = await models.page({ ...site }, id, addressesFrom(1));
  if (page === null) throw new Error(`there is no page ${id}`);
  return markupOf([page.lead, page.body]);
}

/** What somebody hears of it: its text, one space where markup stood. */
export async function modelText(site: Site, id: string): Promise<string> {
  return (await modelMarkup(site, id)).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}
