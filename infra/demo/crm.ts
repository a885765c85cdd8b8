import { createHmac } from 'node:crypto';
import pg from 'pg';

/**
 * The loyalty system: a database of its own, with a login that may only read, as a source of another owner is. Its
 * households are made up.
 */
const tables = `
create schema if not exists crm;
create table if not exists crm.customers (
  customer_id text primary key,
  home_store_id text,
  age_band text,
  income_band text,
  household_size int,
  joined_on date not null
);
truncate crm.customers;
insert into crm.customers
select n::text, 'STORE_' || lpad((1 + n * 7 % 20)::text, 5, '0'),
  (array['19-24', '25-34', '35-44', '45-54', '55-64', '65+', null])[1 + n * 11 % 7],
  (array['Under 15K', '15-24K', '25-34K', '35-49K', '50-74K', '75-99K', '100K+', null])[1 + n * 13 % 8],
  1 + n * 17 % 5, date '2010-01-01' + n * 19 % 2500
from generate_series(1, 2500) as n;
grant usage on schema crm to weir_crm_reader;
grant select on crm.customers to weir_crm_reader;`;

const DATABASE = 'weir_crm';
const LOGIN = 'weir_crm_reader';

/**
 * Makes the loyalty system's database on a cluster and fills it. Whoever calls it again gets the same rows.
 *
 * @param clusterUrl of an administrator.
 * @returns the URL to read it by: `WEIR_SOURCE_CRM_URL`.
 */
export async function loadCrm(clusterUrl: string): Promise<string> {
  const password = createHmac('sha256', new URL(clusterUrl).password).update(LOGIN).digest('hex');
  await on(clusterUrl, async (admin) => {
    const { rows } = await admin.query('select from pg_roles where rolname = $1', [LOGIN]);
    const verb = rows.length === 0 ? 'create' : 'alter';
    await admin.query(`${verb} role ${LOGIN} login password ${admin.escapeLiteral(password)}`);
    const found = await admin.query('select from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await admin.query(`create database ${DATABASE} template template0`);
  });
  const url = new URL(crmAdminUrl(clusterUrl));
  await on(url.href, (admin) => admin.query(`begin; ${tables} commit`));
  url.username = LOGIN;
  url.password = password;
  return url.href;
}

/** The loyalty system's database, as its own administrator sees it. */
export function crmAdminUrl(clusterUrl: string): string {
  const url = new URL(clusterUrl);
  url.pathname = `/${DATABASE}`;
  return url.href;
}

async function on(url: string, work: (admin: pg.Client) => Promise<unknown>): Promise<void> {
  const admin = new pg.Client({ connectionString: url, application_name: 'weir demo' });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}
