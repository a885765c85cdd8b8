import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { createExtract } from '../../activities/extract.ts';
import { openSources } from '../../workers/sources.ts';
import { folders, runOf } from '../activities/shop.ts';
import type { PrepareGuide } from './guide.ts';

/** Two days of counts that have landed, a loyalty system of 2,500 households, and a difference of each kind. */
export const prepare: PrepareGuide = async ({ database, folder }) => {
  const { admin, databases, adminUrl } = database;
  const landingFolder = path.join(folder, 'landing');
  const sources = openSources({ crm: adminUrl });
  await mkdir(path.join(landingFolder, 'inventory'), { recursive: true });
  await sql`create schema crm`.execute(admin);
  await sql`create table crm.customers as select n::text as customer_id, 'STORE_00001' as home_store_id, null::text as age_band,
    null::text as income_band, 2 as household_size, date '2015-03-01' as joined_on from generate_series(1, 2500) as n`.execute(
    admin,
  );
  for (const day of ['2017-01-02', '2017-01-03']) {
    const rows = Array.from({ length: 40 }, (_, at) => `STORE_00001,SKU${at},${at},0,${day}T07:00:00Z\n`);
    const header = 'store_id,sku,on_hand_qty,reserved_qty,last_count_ts\n';
    await writeFile(path.join(landingFolder, 'inventory', `${day}.csv`), header + rows.join(''));
  }
  const { extract } = createExtract({
    databases,
    folders,
    landingFolder,
    sourceDatabase: sources.connection,
  });
  for (const source of ['raw_inventory', 'raw_customers']) await extract({ source, run: runOf('guide') });
  await sql`update crm.customers set home_store_id = 'STORE_00002' where customer_id in ('7', '8')`.execute(
    admin,
  );
  await sql`delete from crm.customers where customer_id = '9'`.execute(admin);
  await sql`delete from bronze.raw_inventory where sku = 'SKU3' and last_count_ts < '2017-01-03'`.execute(
    admin,
  );
  return {
    env: { WEIR_LANDING_FOLDER: landingFolder, WEIR_SOURCE_CRM_URL: adminUrl },
    varying: [[/\d{4}-\d\d-\d\d(?= +\d+ +2500)/g, 'TODAY']],
    close: () => sources.close(),
  };
};
