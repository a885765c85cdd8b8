import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import { describeMonitor, MONITOR_ID } from '../../workers/monitor.ts';
import { until } from '../poll.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

/** A server of its own: there is one monitor a namespace, and it has the usual name here. */
let server: LocalTemporal;
let weir: TestWeir;
const processes = workerProcesses();
beforeAll(async () => {
  server = await ownTemporal();
  weir = await testWeir({ worker: false, temporalServer: server });
}, 300_000);
afterEach(processes.stopAll);
afterAll(async () => {
  await weir.close();
  await server.stop();
}, 60_000);

const monitor = () => describeMonitor(weir.temporal.client);
const on = { WEIR_MONITOR: 'on' };

test(
  'worker processes that serve runs have one monitor between them, which outlives them',
  { timeout: 180_000 },
  async () => {
    await processes.spawn(weir, { ...on, WEIR_QUEUES: 'load' });
    await processes.spawn(weir, { WEIR_QUEUES: 'workflows' });
    expect(await monitor()).toBeNull();
    const [one] = await Promise.all([processes.spawn(weir, on), processes.spawn(weir, on)]);
    const found = await until(monitor, { what: 'the monitor runs', timeoutMs: 30_000 });
    expect(found).toMatchObject({ type: 'freshnessMonitor', status: { name: 'RUNNING' } });
    expect(
      (await weir.temporal.client.workflow.count('WorkflowType = "freshnessMonitor"')).count,
    ).toBeLessThan(2);
    await until(
      async () =>
        (await weir.database.admin.selectFrom('control.watch_mark').selectAll().execute()).length > 0,
      { what: 'it has looked', timeoutMs: 60_000 },
    );
    await one.kill();
    await processes.stopAll();
    expect(await monitor()).toMatchObject({ runId: found.runId, status: { name: 'RUNNING' } });
    await weir.temporal.client.workflow.getHandle(MONITOR_ID).terminate('by mistake');
    await processes.spawn(weir, on);
    const again = await until(
      async () => {
        const now = await monitor();
        return now?.status.name === 'RUNNING' && now.runId !== found.runId ? now : null;
      },
      { what: 'it is back', timeoutMs: 30_000 },
    );
    expect(again.taskQueue).toBe(weir.temporal.taskQueue);
    await weir.temporal.client.workflow.getHandle(MONITOR_ID).terminate('the test is over');
  },
);
