import { expect, test } from 'vitest';
import { ensureSearchAttributes, searchAttributes } from '../../../infra/local/search-attributes.ts';
import { testTemporal } from '../../setup/temporal.ts';

test('the namespace keeps histories for 30 days and knows our search attributes', async () => {
  const { connection, namespace, close } = await testTemporal();
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(Object.keys(searchAttributes)));
  await ensureSearchAttributes(connection, namespace);
  await close();
});

test('task queues differ from call to call', async () => {
  const [one, other] = await Promise.all([testTemporal(), testTemporal()]);
  expect(one.taskQueue).not.toBe(other.taskQueue);
  await Promise.all([one.close(), other.close()]);
});
