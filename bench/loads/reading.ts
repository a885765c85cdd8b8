import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { sql } from 'kysely';
import { loginUrl } from '../../infra/local/logins.ts';
import type { Base } from './database.ts';
import { lastDay, storeCount } from './fill.ts';

const CLIENTS = 200;
/** Products that a store has counted. */
const PRODUCTS = 200;
/** Every so manyth read is of a month; the others are of a store. */
const MONTHS = 10;

const inventory = 'select * from gold.inventory_realtime where store_id = $1';
const month = `
  select region, sum(transactions) as transactions, sum(gross_sales) as gross_sales
  from semantic.daily_sales_by_region
  where transaction_date >= date '${lastDay}' - 40 and transaction_date < date '${lastDay}' - 10
  group by region order by region`;

/** What arrives is left as text: what a client makes of it is its own time, and here all 200 are one process. */
const types: pg.CustomTypesConfig = { getTypeParser: () => (value: string) => value };

const monthRead: pg.QueryArrayConfig = { name: 'month', text: month, rowMode: 'array', types };

function storeRead(store: number): pg.QueryArrayConfig {
  const id = `STORE_${String(store).padStart(5, '0')}`;
  return { name: 'inventory', text: inventory, values: [id], rowMode: 'array', types };
}

/** Milliseconds of each read. */
interface Reads {
  readonly inventory: number[];
  readonly month: number[];
}

/** Fills what is read beside the loads: an inventory of every store, and 400 days of sales. */
export async function fillReading({ admin }: Base): Promise<void> {
  await sql`truncate gold.inventory_realtime`.execute(admin);
  await sql`
    insert into gold.inventory_realtime (store_id, sku, on_hand_qty, reserved_qty, available_qty, net_movement, projected_qty,
      status, last_count_ts, last_movement_ts, last_updated)
    select 'STORE_' || lpad(s::text, 5, '0'), 'SKU_' || p, 50, 5, 45, -p % 40, 45 - p % 40, 'OK', ${lastDay}::timestamp, null, now()
    from generate_series(1, ${storeCount}) as s cross join generate_series(1, ${PRODUCTS}) as p`.execute(
    admin,
  );
  const { rows } = await sql<{ columns: string }>`
    select string_agg(quote_ident(attname), ', ' order by attnum) as columns from pg_attribute
    where attrelid = 'gold.fct_daily_sales'::regclass and attnum > 0 and not attisdropped
      and attname not in ('transaction_date', '_xid')`.execute(admin);
  const columns = sql.raw(rows[0]?.columns ?? '');
  await sql`
    insert into gold.fct_daily_sales (transaction_date, ${columns})
    select transaction_date - ago * 10, ${columns} from bench.fct_daily_sales cross join generate_series(1, 39) as ago`.execute(
    admin,
  );
  await sql`vacuum analyze gold.inventory_realtime`.execute(admin);
  await sql`vacuum analyze gold.fct_daily_sales`.execute(admin);
}

/**
 * 200 clients read on the readers' login, each once in about a second, while `work` goes on.
 *
 * @param forSeconds how long they read; one that is at a read ends it.
 * @returns 95th percentiles in milliseconds.
 */
export async function readBeside(
  { adminUrl }: Base,
  forSeconds: number,
  work: (until: AbortSignal) => Promise<void>,
): Promise<{ readonly inventory: number; readonly month: number; readonly reads: number }> {
  const clients = await connectAll(loginUrl(adminUrl, 'weir_analytics_reader'));
  const end = new AbortController();
  const reads: Reads = { inventory: [], month: [] };
  try {
    // Loads are to run from the first read on.
    const working = work(end.signal);
    const ended = Promise.race([delay(forSeconds * 1000), working]).finally(() => end.abort());
    await Promise.all([...clients.map((client, n) => readOn(client, n, reads, end.signal)), ended, working]);
  } finally {
    end.abort();
    await Promise.all(clients.map((client) => client.end()));
  }
  return {
    inventory: percentile95(reads.inventory),
    month: percentile95(reads.month),
    reads: reads.inventory.length + reads.month.length,
  };
}

async function connectAll(connectionString: string): Promise<readonly pg.Client[]> {
  const clients: pg.Client[] = [];
  for (let n = 0; n < CLIENTS; n += 1) {
    const client = new pg.Client({ connectionString, options: '-c TimeZone=UTC -c jit=off' });
    await client.connect();
    // What a session reads of the catalogue at its first reads is no read's time: dashboards keep their connections.
    await client.query(monthRead);
    await client.query(storeRead(1));
    clients.push(client);
  }
  return clients;
}

async function readOn(client: pg.Client, number: number, reads: Reads, end: AbortSignal): Promise<void> {
  // A generator of its own for each, so that every run asks the same: https://en.wikipedia.org/wiki/Lehmer_random_number_generator
  let state = 7919 * (number + 1);
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  await delay(random() * 1000);
  for (let turn = number; !end.aborted; turn += 1) {
    const isMonth = turn % MONTHS === 0;
    const store = 1 + Math.floor(random() * storeCount);
    const began = performance.now();
    const found = await client.query(isMonth ? monthRead : storeRead(store));
    const took = performance.now() - began;
    if (found.rows.length !== (isMonth ? 5 : PRODUCTS))
      throw new Error(`a reader found ${found.rows.length} rows`);
    (isMonth ? reads.month : reads.inventory).push(took);
    await delay(500 + random() * 1000);
  }
}

function percentile95(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? 0;
}
