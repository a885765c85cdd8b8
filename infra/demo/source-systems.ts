import { Client } from 'pg';
import { fillStores } from './operational.ts';
import { rebuiltStore } from './plot.ts';

/** What happened in the loyalty system between two refreshes: one household joined, one moved, one left. */
export interface CustomerChanges {
  readonly joined: string;
  readonly moved: string;
  readonly movedTo: string;
  readonly left: string;
}

/** What happens to the systems that a day's refresh reads, while the story is told. */
export interface SourceSystems {
  /** Half of the stores are gone from their system, as after a bad restore. */
  readonly loseHalfTheStores: () => Promise<void>;
  /** All stores are there again, one of them rebuilt. */
  readonly mendStores: () => Promise<void>;
  readonly countCustomers: () => Promise<number>;
  readonly changeCustomers: () => Promise<CustomerChanges>;
}

/**
 * @param adminUrl of the database that `loadOperational` has filled.
 * @param crmUrl of the loyalty system's database, by an administrator of it.
 */
export function sourceSystems(adminUrl: string, crmUrl: string): SourceSystems {
  return {
    loseHalfTheStores: () => withClient(adminUrl, loseHalfTheStores),
    mendStores: () => withClient(adminUrl, mendStores),
    countCustomers: () =>
      withClient(crmUrl, async (client) => {
        const { rows } = await client.query<{ count: number }>(
          'select count(*)::int as count from crm.customers',
        );
        return rows[0]?.count ?? 0;
      }),
    changeCustomers: () => withClient(crmUrl, changeCustomers),
  };
}

async function loseHalfTheStores(client: Client): Promise<void> {
  await client.query(
    `delete from operational.stores where store_id in (
       select store_id from operational.stores order by store_id limit (select count(*) / 2 from operational.stores))`,
  );
}

async function mendStores(client: Client): Promise<void> {
  const { storeId, is } = rebuiltStore;
  await fillStores(client);
  await client.query('update operational.stores set store_format = $2 where store_id = $1', [storeId, is]);
}

/** The system keeps no time of a change and no number: only what it says is different. */
async function changeCustomers(client: Client): Promise<CustomerChanges> {
  const { rows } = await client.query<{ left: string; moved: string }>(
    'select min(customer_id) as left, max(customer_id) as moved from crm.customers',
  );
  const { left = '', moved = '' } = rows[0] ?? {};
  const changes = { joined: 'made-up-newcomer', moved, movedTo: rebuiltStore.storeId, left };
  await client.query(
    `insert into crm.customers (customer_id, home_store_id, household_size, joined_on) values ($1, $2, 2, '2017-01-07')`,
    [changes.joined, changes.movedTo],
  );
  await client.query('update crm.customers set home_store_id = $2 where customer_id = $1', [
    moved,
    changes.movedTo,
  ]);
  await client.query('delete from crm.customers where customer_id = $1', [left]);
  return changes;
}

/** Does something in one transaction, over a connection of its own. */
async function withClient<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({
    connectionString: url,
    application_name: 'weir demo',
    options: '-c TimeZone=UTC',
  });
  await client.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } finally {
    await client.end();
  }
}
