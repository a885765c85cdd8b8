import { afterEach, beforeEach, expect, it } from 'vitest';
import { createWatch } from '../../../activities/watch.ts';
import { WORK_MS } from '../../../activities/reach-database.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';

let database: FreshDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

it('a Temporal that lets every look wait keeps no page back: all of them have an end before the round’s', async () => {
  const page = { kind: 'alarm', state: 'raised', alarm: 'runEnded', subject: 'hourly' };
  await database.admin
    .insertInto('control.watch_page')
    .values({ page: JSON.stringify(page) })
    .execute();
  let waited = 0;
  const client = {
    withDeadline: async (deadline: number) => {
      waited += deadline - Date.now();
      throw new Error('deadline exceeded');
    },
  };
  const { watch } = createWatch({
    databases: database.databases,
    // Nothing of it answers.
    client: client as never,
    environment: 'test',
    taskQueue: 'test',
  });
  const { pages, lines } = await watch();
  expect(pages).toEqual([page]);
  expect(lines).toHaveLength(4);
  expect(waited).toBeLessThan(WORK_MS - 1_000);
});
