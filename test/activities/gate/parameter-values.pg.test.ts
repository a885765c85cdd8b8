import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readParameters } from '../../../activities/gate/parameter-values.ts';
import { readRepository } from '../../../activities/repository.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import type { ParameterSource } from '../../../models/model.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { folders } from '../shop.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await sql`insert into gold.dim_stores (store_id) values ('S1'), ('S2')`.execute(database.admin);
});
afterAll(() => database.drop());

async function read(parameters: Readonly<Record<string, ParameterSource>>): Promise<JsonObject> {
  const { graph } = await readRepository(folders);
  return database.databases.validator.transaction().execute((trx) => readParameters(trx, parameters, graph));
}

test('literals as they stand, queries as they answer now', async () => {
  const query = 'select store_id from gold.dim_stores order by 1 -- newest last ;';
  expect(
    await read({ a: 1, b: ['x'], stores: { query }, day: { query: "select date '2017-01-01'" } }),
  ).toEqual({
    a: 1,
    b: ['x'],
    stores: ['S1', 'S2'],
    day: ['2017-01-01'],
  });
});

describe('a query that gives nothing to judge by', () => {
  test.each([
    [
      'no rows',
      "select store_id from gold.dim_stores where store_id = ''",
      'gave no rows. Run dailyDimensionRefresh first: it loads gold.dim_stores.',
    ],
    [
      'a relation that is not there',
      'select 1 from gold.nowhere',
      'failed: SQLSTATE 42P01, a relation is not there. Fill what it reads first.',
    ],
    [
      'a relation the validator may not read',
      'select 1 from pg_authid',
      'failed: SQLSTATE 42501, the validator may not read it.',
    ],
    ['two statements', 'select 1; select 2', 'failed: SQLSTATE 42601'],
    [
      'two statements that close the first',
      'select 1) as x(value)) as y; drop table gold.dim_stores; select (select 2',
      'failed: SQLSTATE 42601',
    ],
    ['a statement that writes', 'delete from gold.dim_stores returning store_id', 'failed: SQLSTATE 42601'],
    ['a function that writes', "select nextval('control.load_sequence')", 'failed: SQLSTATE'],
  ])('%s', async (_, query, reason) => {
    await expect(read({ stores: { query } })).rejects.toThrow(`the query of parameter stores ${reason}`);
  });
});
