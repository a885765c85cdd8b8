import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensureMonitor, keepMonitor, type Monitor, type MonitorOrder } from '../../workers/monitor.ts';
import { watchSite, type WatchSite } from '../activities/watch/site.ts';
import { until } from '../poll.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

const quiet = () => undefined;

describe('the monitor of an installation', () => {
  let weir: TestWeir;
  let order: MonitorOrder;
  let monitors: Monitor[] = [];
  beforeAll(async () => {
    weir = await testWeir();
    const { client, taskQueue } = weir.temporal;
    const workflowId = `freshness-monitor-${randomUUID()}`;
    // However long a busy machine takes, it does not go on as another run.
    const input = { everyMs: 100, roundsPerRun: 1_000 };
    order = { client, taskQueue, workflowId, log: quiet, input, everyMs: 100 };
  }, 120_000);
  afterEach(async () => {
    await Promise.all(monitors.map((monitor) => monitor.stop()));
    monitors = [];
  });
  afterAll(async () => {
    await weir.temporal.client.workflow.getHandle(order.workflowId!).terminate().catch(quiet);
    await weir.close();
  }, 60_000);

  const describeIt = () => weir.temporal.client.workflow.getHandle(order.workflowId!).describe();
  const started = async () => {
    const query = `TaskQueue = "${weir.temporal.taskQueue}" and WorkflowType = "freshnessMonitor"`;
    return (await weir.temporal.client.workflow.count(query)).count;
  };
  const input = async (runId: string) => {
    const handle = weir.temporal.client.workflow.getHandle(order.workflowId!, runId);
    const { events } = await handle.fetchHistory();
    const data = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
    return JSON.parse(Buffer.from(data ?? []).toString() || 'null');
  };

  test('is one, however many workers look after it', async () => {
    monitors = [keepMonitor(order), keepMonitor(order), keepMonitor(order)];
    await until(async () => (await describeIt().catch(() => null))?.status.name === 'RUNNING', {
      what: 'it runs',
      timeoutMs: 60_000,
    });
    await Promise.all([ensureMonitor(order), ensureMonitor(order)]);
    await until(async () => (await started()) > 0, { what: 'it is listed', timeoutMs: 60_000 });
    expect(await started()).toBe(1);
  });

  test('comes back with what it knew when somebody ends it', async () => {
    const before = await describeIt();
    await weir.temporal.client.workflow.getHandle(order.workflowId!).terminate('by mistake');
    monitors = [keepMonitor(order), keepMonitor(order)];
    const after = await until(
      async () => {
        const found = await describeIt();
        return found.status.name === 'RUNNING' && found.runId !== before.runId ? found : null;
      },
      { what: 'it is back', timeoutMs: 60_000 },
    );
    expect(await input(after.runId)).toEqual(order.input);
    await until(async () => (await started()) > 1, { what: 'both are listed', timeoutMs: 60_000 });
    expect(await started()).toBe(2);
  });

  test('carries over what on-call was told, but not whether it believes that Postgres is away', async () => {
    const handle = weir.temporal.client.workflow.getHandle(order.workflowId!);
    await handle.terminate();
    const told = { sample: [3], watch: [5] };
    const carried = {
      round: 7,
      told,
      unreachable: { rounds: 9, since: '2017-01-02T08:00:00.000Z', paged: true },
    };
    expect(await ensureMonitor({ ...order, input: {} })).toBe('begun anew');
    await handle.terminate();
    await weir.temporal.client.workflow.start('freshnessMonitor', {
      taskQueue: order.taskQueue,
      workflowId: order.workflowId!,
      args: [{ everyMs: 100, carried }],
    });
    await handle.terminate();
    expect(await ensureMonitor(order)).toBe('begun anew');
    const { runId } = await handle.describe();
    expect(await input(runId)).toEqual({
      everyMs: 100,
      carried: { round: 7, told, unreachable: { rounds: 0, since: null, paged: null } },
    });
  });

  test('is begun without an input that it could not use', async () => {
    const handle = weir.temporal.client.workflow.getHandle(order.workflowId!);
    await handle.terminate();
    await weir.temporal.client.workflow.start('freshnessMonitor', {
      taskQueue: order.taskQueue,
      workflowId: order.workflowId!,
      args: [{ everyMinutes: 1 }],
    });
    await until(async () => (await handle.describe()).status.name === 'FAILED', {
      what: 'it refuses its input',
      timeoutMs: 60_000,
    });
    expect(await ensureMonitor(order)).toBe('begun anew');
    const { runId } = await handle.describe();
    expect(await input(runId)).toBeNull();
  });
});

describe('a monitor whose tasks keep failing', () => {
  let site: WatchSite;
  beforeAll(async () => {
    site = await watchSite();
    await site.startWorker('broken');
  });
  afterAll(() => site.close());

  test('is begun anew, once', async () => {
    const { client, taskQueue } = site.temporal;
    const workflowId = `freshness-monitor-${randomUUID()}`;
    const order: MonitorOrder = { client, taskQueue, workflowId, log: quiet };
    const stuck = await client.workflow.start('freshnessMonitor', {
      taskQueue,
      workflowId,
      workflowTaskTimeout: '1 second',
    });
    expect(await ensureMonitor(order)).toBeNull();
    await until(async () => ((await stuck.describe()).raw.pendingWorkflowTask?.attempt ?? 0) >= 5, {
      what: 'its task fails again and again',
      timeoutMs: 90_000,
    });
    const did = await Promise.all([ensureMonitor(order), ensureMonitor(order)]);
    expect(did).toContain('begun anew');
    const now = await client.workflow.getHandle(workflowId).describe();
    expect(now.status.name).toBe('RUNNING');
    expect(now.runId).not.toBe(stuck.firstExecutionRunId);
    await client.workflow.getHandle(workflowId).terminate();
  });

  test('of another installation is left alone, and told of', async () => {
    const { client, taskQueue } = site.temporal;
    const workflowId = `freshness-monitor-${randomUUID()}`;
    const handle = await client.workflow.start('freshnessMonitor', {
      taskQueue: `${taskQueue}-other`,
      workflowId,
    });
    const lines: string[] = [];
    const log: MonitorOrder['log'] = (_level, line) => void lines.push(line);
    expect(await ensureMonitor({ client, taskQueue, workflowId, log })).toBeNull();
    expect(lines).toEqual([expect.stringContaining('this installation is not watched')]);
    await handle.terminate();
  });
});
