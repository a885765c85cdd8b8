import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PAGE_SIGNAL } from '../../../activities/page/hand-over.ts';
import { pageEvent } from '../../activities/notifiers/page-event.ts';
import { testWeir, type TestWeir } from '../../setup/weir.ts';
import { workerProcesses } from '../../setup/worker-process.ts';

let weir: TestWeir;
let folder: string;
const workers = workerProcesses();
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-notify-'));
  weir = await testWeir({ worker: false });
});
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
  await rm(folder, { recursive: true });
});

const RECEIVERS = `receivers:
  on-call: { type: pagerduty, key: { env: ON_CALL_KEY } }
  finance: { type: pagerduty, key: { env: FINANCE_KEY } }
  lines: { type: log }
`;

async function notifyFile(routes: string): Promise<string> {
  const file = path.join(folder, 'notify.yaml');
  await writeFile(file, `${RECEIVERS}routes:\n${routes}`);
  return file;
}

const KEYS = {
  ON_CALL_KEY: 'oncall-oncall-oncall-oncall-onca',
  FINANCE_KEY: 'financefinancefinancefinancefina',
};

test('a worker tells whom its file names, and its log has what the log receiver was told', async () => {
  const file = await notifyFile(
    '  - to: lines\n    goes_on: true\n  - owner: finance\n    to: finance\n  - to: [on-call]\n',
  );
  const worker = await workers.spawn(weir, { WEIR_NOTIFY_FILE: file, PAGERDUTY_ROUTING_KEY: '', ...KEYS });
  const { client, taskQueue } = weir.temporal;
  const told = async (owner: string) => {
    const dedupKey = `weir/test/${randomUUID()}/x`;
    const opened = pageEvent({ dedupKey, owner, eventId: randomUUID(), summary: `of ${owner}` });
    for (const event of [opened, { ...opened, action: 'resolve', eventId: randomUUID() } as const])
      await client.workflow.signalWithStart('incident', {
        workflowId: `incident/${dedupKey}`,
        taskQueue,
        args: [{ dedupKey, pageTaskQueue: `${taskQueue}-page` }],
        signal: PAGE_SIGNAL,
        signalArgs: [event],
      });
    await client.workflow.getHandle(`incident/${dedupKey}`).result();
    return dedupKey;
  };
  const keys = [await told('finance'), await told('sales')];
  const { rows } = {
    rows: await weir.database.admin
      .selectFrom('control.page_delivery')
      .select(['dedup_key', 'notifier', 'action'])
      .where('state', '=', 'sent')
      .orderBy('notifier')
      .execute(),
  };
  const receivers = (key: string) =>
    rows.filter((row) => row.dedup_key === key).map((row) => `${row.notifier} ${row.action}`);
  expect(receivers(keys[0] ?? '').toSorted()).toEqual([
    'finance resolve',
    'finance trigger',
    'lines resolve',
    'lines trigger',
  ]);
  expect(receivers(keys[1] ?? '').toSorted()).toEqual([
    'lines resolve',
    'lines trigger',
    'on-call resolve',
    'on-call trigger',
  ]);
  const incidents = await weir.incidents();
  expect(incidents).toHaveLength(2);
  const line = await worker.logged('the line', ({ message }) => message === 'page trigger: of finance');
  expect(line).toMatchObject({
    workflowId: `incident/${keys[0] ?? ''}`,
    dedupKey: keys[0],
    severity: 'critical',
  });
  for (const key of Object.values(KEYS)) expect(JSON.stringify(worker.log())).not.toContain(key);
});

test('a worker that would leave somebody untold does not start, and says where', async () => {
  const file = await notifyFile('  - owner: finance\n    to: finance\n');
  await expect(workers.spawn(weir, { WEIR_NOTIFY_FILE: file, ...KEYS })).rejects.toThrow(
    /ended with 3 [\s\S]*notify\.yaml:6: what matches no route would be told to nobody/,
  );
  const good = await notifyFile('  - to: [on-call, finance, lines]\n');
  await expect(workers.spawn(weir, { WEIR_NOTIFY_FILE: good, ...KEYS, FINANCE_KEY: '' })).rejects.toThrow(
    /notify\.yaml:3: the key of finance is missing: FINANCE_KEY is not set/,
  );
});
