import { join } from 'node:path';
import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { startStack } from '../../../infra/local/stack.ts';
import { runFolder } from '../../setup/once.ts';

const home = join(runFolder, 'stack');

async function run(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}

test('starts all three, stops them, and finds its data again', async () => {
  const progress: string[] = [];
  const first = await startStack({ home, env: {}, onProgress: (line) => progress.push(line) });
  await run(first.adminUrl, 'create table kept as select 1 as x');
  expect(first.temporal).toMatchObject({ namespace: 'default', external: false });
  expect(first.pagerStandIn?.server).toMatch(/^localhost:\d+$/);
  await first.stop();
  await expect(run(first.adminUrl, 'select 1')).rejects.toThrow(/ECONNREFUSED/);
  expect(progress.filter((line) => line.includes('is ready'))).toHaveLength(3);

  const second = await startStack({ home, env: {} });
  expect(await run(second.adminUrl, 'select x from kept')).toEqual([{ x: 1 }]);
  await second.stop();
});

test('what a setting names is not started', async () => {
  const url = inject('postgresAdminUrl');
  const env = { DATABASE_URL: url, PAGERDUTY_ROUTING_KEY: 'weirtestweirtestweirtestweirtest' };
  const stack = await startStack({ home: join(runFolder, 'stack-replaced'), env });
  expect(stack.adminUrl).toBe(url);
  expect(stack.pagerStandIn).toBeNull();
  await stack.stop();
  expect(await run(url, 'select 1 as x')).toEqual([{ x: 1 }]);
});
