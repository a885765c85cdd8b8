import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { sampleFolder } from './hours.ts';

/**
 * The tables of the retailer's own systems, which the dimensions are loaded from. Types as the CSVs need them: ids are
 * text (they are names, and baskets give them as text), `closes_at` may be `24:00`, which `time` takes.
 */
const tables = `
create schema if not exists operational;
create table if not exists operational.stores (
  store_id text primary key,
  store_name text not null,
  region text not null,
  district text not null,
  store_format text not null,
  store_size_sqft int not null,
  opens_at time not null,
  closes_at time not null,
  opened_on date not null
);
create table if not exists operational.products (
  product_id text primary key,
  manufacturer_id text,
  department text,
  brand text,
  product_category text,
  product_type text,
  package_size text
);`;

/** The login that lands what the operational tables say. Absent before the migrations, which may run later. */
const mayRead = `
do $$
begin
  if exists (select from pg_roles where rolname = 'weir_loader') then
    grant usage on schema operational to weir_loader;
    grant select on operational.stores, operational.products to weir_loader;
  end if;
end
$$`;

/** Rows of each operational table once it is loaded. */
export interface OperationalRows {
  readonly stores: number;
  readonly products: number;
}

/**
 * Makes the operational tables in a database and fills them from the sample, in one transaction. Whoever calls it
 * again gets the same tables: what they held is replaced.
 *
 * @param adminUrl a login that may create schemas.
 */
export async function loadOperational(adminUrl: string): Promise<OperationalRows> {
  const client = new Client({
    connectionString: adminUrl,
    application_name: 'weir demo',
    options: '-c TimeZone=UTC',
  });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(tables);
    const stores = await fillStores(client);
    await client.query('truncate operational.products');
    const products = await copyCsv(client, 'operational.products', 'products.csv.gz');
    await client.query(mayRead);
    await client.query('commit');
    await client.query('analyze operational.stores, operational.products');
    return { stores, products };
  } finally {
    await client.end();
  }
}

/** Replaces what the table of stores holds by the sample. @returns how many there are. */
export async function fillStores(client: Client): Promise<number> {
  await client.query('truncate operational.stores');
  return copyCsv(client, 'operational.stores', 'stores.csv');
}

/** Streams a CSV of the sample into a table. Its header line is checked against the columns, so neither can shift. */
async function copyCsv(
  client: Client,
  table: 'operational.stores' | 'operational.products',
  file: string,
): Promise<number> {
  const copy = client.query(copyFrom(`copy ${table} from stdin (format csv, header match)`));
  const bytes = createReadStream(join(sampleFolder, file));
  await (file.endsWith('.gz') ? pipeline(bytes, createGunzip(), copy) : pipeline(bytes, copy));
  return copy.rowCount;
}
