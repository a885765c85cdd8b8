import { afterAll, beforeAll, expect, test } from 'vitest';
import { heldPage, openStorms, passedPage, type Storms } from '../activities/page/storms.ts';
import { until } from '../poll.ts';
import { say } from './say.ts';

let storms: Storms;
beforeAll(async () => {
  storms = await openStorms();
});
afterAll(() => storms.close());

function resolve(...args: string[]) {
  const { address, namespace, taskQueue } = storms.pager.temporal;
  return say(['page', 'resolve', ...args], {
    DATABASE_URL: storms.database.adminUrl,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    WEIR_TASK_QUEUE: taskQueue,
  });
}

async function resolved(dedupKey: string): Promise<string> {
  const incident = await until(
    async () => (await storms.pager.incidents(dedupKey)).find(({ status }) => status === 'resolved'),
    { what: `${dedupKey} is resolved`, timeoutMs: 60_000 },
  );
  return JSON.stringify(incident);
}

test('what nothing else will close is closed by a person, in whose name everybody who was told hears it', async () => {
  const head = String(await storms.page(heldPage('m00')));
  await storms.page(heldPage('m01'));
  const key = head.replaceAll('m00', 'm01');

  // A member of a storm leaves it; the one that tells of it stays open.
  expect(await resolve(key, '--reason', 'm01 was taken out', '--by', 'kim')).toEqual({
    code: 0,
    out: `${key} is closed\n`,
    err: '',
  });
  expect(await storms.page(passedPage('m01'))).toBeNull();

  const told = await resolve(head, '--reason', 'ask ann@example.com: m00 is gone', '--by', 'kim', '--json');
  expect(JSON.parse(told.out)).toMatchObject({ closed: head, told: head, by: 'kim' });
  const incident = await resolved(head);
  expect(incident).toContain('closed by kim: ask [e-mail]: m00 is gone · had failed once in ');
  expect(incident).not.toContain('ann@example.com');

  // Nothing of it is open any more, and the next failure is a page of its own.
  expect(await resolve(head, '--reason', 'again')).toMatchObject({
    code: 3,
    err: `weir: no incident of the key ${head} is open. None is.\n`,
  });
  expect(await storms.page(heldPage('m00'))).toBe(head);
});

test('what is no key, or says no reason, closes nothing', async () => {
  expect(await resolve('stg_transactions', '--reason', 'gone')).toMatchObject({
    code: 3,
    err: expect.stringContaining('stg_transactions is no dedup key: those begin with weir/ENVIRONMENT/'),
  });
  expect(await resolve('weir/test/m00/m00', '--reason', ' ')).toMatchObject({
    code: 3,
    err: expect.stringContaining('--reason is empty'),
  });
});
