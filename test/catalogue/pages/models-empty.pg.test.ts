import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import models from '../../../catalogue/pages/models.ts';
import type { Site } from '../../../catalogue/site.ts';
import { loginUrl } from '../../../infra/local/logins.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { modelText } from '../model-page.ts';
import { look } from '../standings.ts';

let database: FreshDatabase;
let site: Site;
beforeEach(async () => {
  database = await freshDatabase();
  const reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 2);
  site = await look(reader, new Date().toISOString());
}, 60_000);
afterEach(async () => {
  await site.database.destroy();
  await database.drop();
});

test('an installation that has loaded nothing has all its pages, and each says what it needs', async () => {
  for (const id of await models.ids(site))
    expect(await modelText(site, id)).not.toMatch(/NaN|undefined|Invalid/);
  expect(await modelText(site, 'index')).toContain('19 never run');
  const text = await modelText(site, 'stg_transactions');
  expect(text).toContain('what it reads, which was never loaded either: never run raw_transactions');
  expect(text).toContain(
    'what its gates ask for their parameters, which was never loaded either: never run dim_stores',
  );
});

test('what is not deployed yet is shown as its file has it', async () => {
  await sql`drop table gold.inventory_realtime cascade`.execute(database.admin);
  const text = await modelText(site, 'inventory_realtime');
  expect(text).toContain('As its file has them: nothing is published yet');
  expect(text).toContain('its table: weir migrate');
  expect(text).toContain('As its deploy will grant it');
});

test('a column that the file has and the table has not yet is shown behind the others', async () => {
  await sql`alter table silver.stg_transactions drop column item_count cascade`.execute(database.admin);
  const text = await modelText(site, 'stg_transactions');
  expect(text).toMatch(/transformed_at timestamp with time zone .* item_count not published yet/);
});

test('a source says when it was read last, whatever came of that', async () => {
  expect(await modelText(site, 'raw_customers')).not.toContain('read last');
  await sql`insert into control.source_read (source, read_at) values ('raw_customers', now() - interval '3 minutes')`.execute(
    database.admin,
  );
  expect(await modelText(site, 'raw_customers')).toMatch(
    /read last \d\d:\d\d UTC, 3 min ago|read last .* 23:\d\d UTC, 3 min ago/,
  );
});
