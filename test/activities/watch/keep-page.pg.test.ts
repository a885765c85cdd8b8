import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepPage, takePages, type WatchPage } from '../../../activities/watch/books.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test.each([
  ['a NUL', 'moved\0away', 'moved\uFFFDaway'],
  ['half of a character', 'moved \uD83D', 'moved \uFFFD'],
])('a page whose text has %s, as whoever ended a run may write, is kept and told', async (_, given, kept) => {
  const db = database.databases.loader;
  const page: WatchPage = {
    ...{ alarm: 'runEnded', subject: 'hourly', occasion: given, severity: 'error', summary: given },
    ...{ details: { reason: given }, owner: null, tier: null, runbook: 'docs/runbooks/run-ended.md' },
    ...{ run: null, relation: null, because: null },
  };
  await db.transaction().execute((transaction) => keepPage(transaction, page, 'raised'));
  const { pages, pageIds } = await takePages(db, []);
  expect(pages).toMatchObject([{ summary: kept, details: { reason: kept } }]);
  await takePages(db, pageIds);
});
