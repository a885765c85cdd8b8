import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { afterEach, expect, it } from 'vitest';
import { WORKFLOW_OF } from '../../models/grain.ts';
import { readDataConverter } from '../../workers/codec/data-converter.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { say } from '../cli/say.ts';
import { environmentOf } from '../setup/say-of.ts';
import { textOf } from '../setup/what-leaves.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

const [OLD, NEW] = ['old', 'new'].map((id) => `${id}:${randomBytes(32).toString('base64')}`);
const rotated = `${NEW},${OLD}`;

let weir: TestWeir;
let closed = false;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  if (!closed) await weir.close();
});

/** As a shell or a worker with these keys has it. */
function clientWith(keys: string): Client {
  const { connection, namespace } = weir.temporal;
  return new Client({ connection, namespace, dataConverter: readDataConverter({ WEIR_PAYLOAD_KEYS: keys }) });
}

async function startHourly(keys: string): Promise<string> {
  const workflowId = `hourly-${weir.temporal.taskQueue}-${randomBytes(3).toString('hex')}`;
  const { taskQueue } = weir.temporal;
  await clientWith(keys).workflow.start(WORKFLOW_OF.hourly, {
    taskQueue,
    workflowId,
    args: [{ asOf: AS_OF }],
  });
  return workflowId;
}

async function historyOf(workflowId: string): Promise<string> {
  const { events } = await weir.temporal.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).map(textOf).join('\n');
}

async function weirBegun(): Promise<void> {
  weir = await testWeir({ worker: false });
  closed = false;
  const plain = await workers.spawn(weir);
  await weir.loadDimensions();
  await plain.stop();
  await weir.land('transactions/2017-01-02T08.jsonl', [
    ...baskets(1, 9),
    basket(9, { total_amount: '100000.01' }),
  ]);
}

it(
  'a run whose payloads are encrypted is held, decided and carried on after a rotation',
  { timeout: 240_000 },
  async () => {
    await weirBegun();
    const first = await workers.spawn(weir, { WEIR_PAYLOAD_KEYS: OLD });
    const workflowId = await startHourly(OLD ?? '');
    const verdict = await weir.heldVerdict('stg_transactions');
    const [page] = await until(
      async () => {
        const incidents = await weir.incidents();
        return incidents.length > 0 ? incidents : false;
      },
      { what: 'somebody is paged', timeoutMs: 60_000 },
    );
    expect(page?.summary).toContain('stg_transactions');
    const readable = /promises broken|total_amount|HELD/; // The interval is a search attribute, and those stay readable.
    expect(await historyOf(workflowId)).not.toMatch(readable);
    expect(await historyOf(`incident/${page?.dedupKey ?? ''}`)).not.toMatch(readable);

    const shell = await environmentOf(weir);
    const shown = await say(['runs', 'show', workflowId], { ...shell, WEIR_PAYLOAD_KEYS: OLD });
    expect(shown.out).toContain('total_amount between 0 and 100000');
    const blind = await say(['gate', 'abandon', verdict, '--reason', 'x'], shell);
    expect([blind.code, blind.err]).toEqual([3, expect.stringContaining('encrypted with the key "old"')]);

    await first.stop();
    await workers.spawn(weir, { WEIR_PAYLOAD_KEYS: rotated });
    const decided = await say(
      ['gate', 'override', verdict, '--reason', 'these amounts are right', '--by', 'Ada'],
      { ...shell, WEIR_PAYLOAD_KEYS: rotated },
    );
    expect([decided.err, decided.code]).toEqual([expect.any(String), 0]);
    const result = await clientWith(rotated).workflow.getHandle(workflowId).result();
    expect(result).toMatchObject({ models: { stg_transactions: { state: 'published' } } });
    const history = await historyOf(workflowId);
    expect(history).toMatch(/encryption-key-id: old[^]*encryption-key-id: new/);
    expect(history).not.toContain('these amounts are right');
    // What was written before there was a key is read with it.
    const daily = await say(['runs', '--json'], { ...shell, WEIR_PAYLOAD_KEYS: rotated });
    expect(daily.code).toBe(0);
  },
);

it('failures are encrypted with the rest', { timeout: 240_000 }, async () => {
  await weirBegun();
  await workers.spawn(weir, { WEIR_PAYLOAD_KEYS: OLD });
  const client = clientWith(OLD ?? '');
  const { taskQueue } = weir.temporal;
  const workflowId = `failing-${taskQueue}`;
  await client.workflow.start(WORKFLOW_OF.hourly, { taskQueue, workflowId, args: [{ asOf: 'whenever' }] });
  await expect(client.workflow.getHandle(workflowId).result()).rejects.toMatchObject({
    cause: { message: expect.stringContaining('whenever'), type: 'InvalidInput' },
  });
  const history = await historyOf(workflowId);
  expect(history).toContain('Encoded failure');
  expect(history).not.toContain('whenever');
});

it(
  'a worker without the key says which is missing, and one that has it goes on',
  { timeout: 240_000 },
  async () => {
    await weirBegun();
    const blind = await workers.spawn(weir, { WEIR_PAYLOAD_KEYS: NEW });
    const workflowId = await startHourly(OLD ?? '');
    await until(() => blind.output().includes('encrypted with the key \\"old\\"'), {
      what: 'the log says so',
      timeoutMs: 30_000,
    });
    expect(blind.output()).not.toContain((NEW ?? '').slice(6, 20));
    // What the SDK's core says of a task that fails goes through the same log, which knows a card number.
    const { client, taskQueue } = weir.temporal;
    const unknown = { taskQueue, workflowId: `${taskQueue}-unknown`, args: [] };
    await client.workflow.start('unknown-4111111111111111', unknown);
    await until(() => blind.output().includes('unknown-[card]'), {
      what: 'the core says so',
      timeoutMs: 30_000,
    });
    expect(blind.output()).not.toContain('4111111111111111');
    await client.workflow.getHandle(unknown.workflowId).terminate();
    await blind.stop();
    await workers.spawn(weir, { WEIR_PAYLOAD_KEYS: rotated });
    await weir.heldVerdict('stg_transactions');
    await clientWith(rotated).workflow.getHandle(workflowId).terminate();
    await workers.stopAll();
    closed = true;
    await expect(weir.close()).rejects.toThrow(/workflow tasks failed/);
  },
);
