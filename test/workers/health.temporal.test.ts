import { afterEach, describe, expect, it } from 'vitest';
import type { Health } from '../../workers/health.ts';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses, type WorkerProcess } from '../setup/worker-process.ts';

let weir: TestWeir;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

async function ask(
  { healthUrl }: WorkerProcess,
  path: '/live' | '/ready',
): Promise<{ status: number; body: Health }> {
  const response = await fetch(`${healthUrl}${path}`);
  const body: Health = JSON.parse(await response.text());
  return { status: response.status, body };
}

describe('the health of a worker process', () => {
  it('is ready with a worker for each queue, and while it drains live but not ready', async () => {
    weir = await testWeir({ worker: false });
    const worker = await workers.spawn(weir, { WEIR_HEALTH_PORT: '0', WEIR_SHUTDOWN_GRACE: '60' });
    const ready = await ask(worker, '/ready');
    expect(ready.status).toBe(200);
    const queue = weir.settings.taskQueue;
    expect(ready.body.workers).toEqual(
      ['workflows', 'load', 'gate', 'page'].map((name) => ({
        queue: name,
        taskQueue: name === 'workflows' ? queue : `${queue}-${name}`,
        state: 'RUNNING',
        polls: true,
        activities: 0,
      })),
    );
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
    const trap = await setTrap(weir, 'stage');
    const run = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    const ended = worker.terminate();
    const draining = await until(
      async () => {
        const answer = await ask(worker, '/ready');
        return answer.status === 503 ? answer.body : null;
      },
      { what: 'it drains', timeoutMs: 60_000 },
    );
    expect(draining).toMatchObject({ phase: 'draining', problems: ['the process is draining'] });
    expect(draining.workers.find(({ queue: name }) => name === 'load')).toMatchObject({ activities: 1 });
    expect((await ask(worker, '/live')).status).toBe(200);
    await trap.open();
    expect(await ended).toBe(0);
    await workers.spawn(weir);
    await run.result();
  });

  it('serves the queues it was told, and says a port that is none', async () => {
    weir = await testWeir({ worker: false });
    const worker = await workers.spawn(weir, { WEIR_HEALTH_PORT: '0', WEIR_QUEUES: 'gate,page' });
    const { body } = await ask(worker, '/ready');
    expect(body.workers.map(({ queue }) => queue)).toEqual(['gate', 'page']);
    await expect(workers.spawn(weir, { WEIR_HEALTH_PORT: 'http' })).rejects.toThrow(
      /WEIR_HEALTH_PORT is "http": give a port from 1 to 65535/,
    );
    await expect(workers.spawn(weir, { WEIR_QUEUES: 'loads' })).rejects.toThrow(
      /WEIR_QUEUES names "loads", which is no queue: give some of workflows,load,gate,page/,
    );
  });
});
