import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lockPages } from '../../../activities/page/lock-pages.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('a worker that stands still does not keep the pages of an installation to itself', async () => {
  const asked = await database.databases.loader.transaction().execute(async (transaction) => {
    await lockPages(transaction, 'test');
    return await sql`show idle_in_transaction_session_timeout`.execute(transaction);
  });
  expect(asked.rows).toEqual([{ idle_in_transaction_session_timeout: '30s' }]);
});
