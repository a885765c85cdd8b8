import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { did, openLanding } from './landing.ts';
import type { Landing } from './landing.ts';

let landing: Landing;
beforeEach(async () => {
  landing = await openLanding();
});
afterEach(() => landing.close());

const extract = (): ReturnType<Landing['extract']> => landing.extract('raw_products');

/** The operational table, as its owner writes it. */
async function makeProducts(grant: boolean): Promise<void> {
  await sql`create schema operational`.execute(landing.admin);
  await sql`create table operational.products (product_id text primary key, manufacturer_id text, department text, brand text,
    product_category text, product_type text, package_size text)`.execute(landing.admin);
  if (!grant) return;
  await sql`grant usage on schema operational to weir_loader`.execute(landing.admin);
  await sql`grant select on operational.products to weir_loader`.execute(landing.admin);
}

async function put(...products: readonly (readonly [id: string, brand: string | null])[]): Promise<void> {
  for (const [id, brand] of products)
    await sql`insert into operational.products (product_id, brand) values (${id}, ${brand})
      on conflict (product_id) do update set brand = excluded.brand`.execute(landing.admin);
}

/** What bronze has: id, brand, and how many extracts have written by then that wrote the row. */
async function bronze(): Promise<readonly (readonly unknown[])[]> {
  const { rows } = await sql<{ row: unknown[] }>`
    select jsonb_build_array(product_id, brand, dense_rank() over (order by _load)) as row
    from bronze.raw_products order by product_id`.execute(landing.admin);
  return rows.map(({ row }) => row);
}

test('only rows that differ are written, NULLs compared; what is gone there goes', async () => {
  await makeProducts(true);
  await put(['1', 'National'], ['2', null], ['3', 'Private'], ['4', 'Private']);
  expect(await extract()).toEqual(did({ rows: 4 }));
  const before =
    await sql`select _xid::text, ctid::text from bronze.raw_products where product_id = '1'`.execute(
      landing.admin,
    );
  expect(await extract()).toEqual(did({}));
  await put(['2', 'Private'], ['3', null], ['5', null]);
  await sql`delete from operational.products where product_id = '4'`.execute(landing.admin);
  expect(await extract()).toEqual(did({ rows: 4 }));
  expect(await bronze()).toEqual([
    ['1', 'National', 1],
    ['2', 'Private', 2],
    ['3', null, 2],
    ['5', null, 2],
  ]);
  const after =
    await sql`select _xid::text, ctid::text from bronze.raw_products where product_id = '1'`.execute(
      landing.admin,
    );
  expect(after.rows).toEqual(before.rows);
});

test('a row that was written is met by who reads bronze by arrival', async () => {
  await makeProducts(true);
  await put(['1', 'National'], ['2', null]);
  await extract();
  const { rows: snapshots } = await sql<{ now: string }>`select pg_current_snapshot()::text as now`.execute(
    landing.admin,
  );
  await put(['2', 'Private']);
  await extract();
  const { rows } = await sql`
    select product_id as id from bronze.raw_products
    where not pg_visible_in_snapshot(_xid, ${snapshots[0]?.now ?? ''}::pg_snapshot)`.execute(landing.admin);
  expect(rows).toEqual([{ id: '2' }]);
});

test('an emptied table empties bronze', async () => {
  await makeProducts(true);
  await put(['1', null], ['2', null]);
  await extract();
  await sql`truncate operational.products`.execute(landing.admin);
  expect(await extract()).toEqual(did({ rows: 2 }));
  expect(await bronze()).toEqual([]);
});

test('two extracts at once write once', async () => {
  await makeProducts(true);
  await put(['1', 'National'], ['2', null]);
  const [one, other] = await Promise.all([extract(), extract()]);
  expect(one.rows + other.rows).toBe(2);
  expect((await bronze()).length).toBe(2);
});

test('a table that is not there, or not for the loader, is refused with the grants that mend it', async () => {
  const refusal = {
    type: 'InvalidInput',
    nonRetryable: true,
    message:
      'models/bronze/raw_products.sql reads operational.products, which does not exist or is not for this login. Create it, then: ' +
      'grant usage on schema operational to weir_loader; grant select on operational.products to weir_loader;',
  };
  await expect(extract()).rejects.toMatchObject(refusal);
  await makeProducts(false);
  await expect(extract()).rejects.toMatchObject(refusal);
  await sql`grant usage on schema operational to weir_loader`.execute(landing.admin);
  await expect(extract()).rejects.toMatchObject(refusal);
  await sql`grant select on operational.products to weir_loader`.execute(landing.admin);
  expect(await extract()).toEqual(did({}));
});

test('a key twice there is twice in bronze, where the gate meets it, until it is once there', async () => {
  await makeProducts(true);
  await sql`alter table operational.products drop constraint products_pkey, alter product_id drop not null`.execute(
    landing.admin,
  );
  const insert = (id: string | null, brand: string | null): Promise<unknown> =>
    sql`insert into operational.products (product_id, brand) values (${id}, ${brand})`.execute(landing.admin);
  await insert('1', 'National');
  await insert(null, 'Private');
  await extract();
  await insert('1', null);
  expect(await extract()).toEqual(did({ rows: 1 }));
  expect(await extract()).toEqual(did({}));
  expect((await bronze()).map(([id, brand]) => [id, brand])).toEqual(
    expect.arrayContaining([
      ['1', 'National'],
      ['1', null],
      [null, 'Private'],
    ]),
  );
  await sql`delete from operational.products where brand = 'National'`.execute(landing.admin);
  expect(await extract()).toEqual(did({ rows: 1 }));
  expect(await bronze()).toHaveLength(2);
});

test('what Postgres refuses is told without a value', async () => {
  await makeProducts(true);
  await put(['secret', null]);
  await sql`alter table bronze.raw_products add constraint probe check (product_id <> 'secret')`.execute(
    landing.admin,
  );
  await expect(extract()).rejects.toMatchObject({
    type: 'PostgresError',
    message: expect.stringMatching(/^(?!.*secret).*SQLSTATE 23514, constraint probe/),
  });
});
