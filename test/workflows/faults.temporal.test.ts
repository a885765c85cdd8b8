import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { WorkflowFailedError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../workers/bundle.ts';
import { until } from '../poll.ts';
import { quietWorkers } from '../setup/quiet-workers.ts';
import { testTemporal, type TestTemporal } from '../setup/temporal.ts';

const FAULTS = path.resolve(import.meta.dirname, 'faults', 'index.ts');

let temporal: TestTemporal;
let connection: NativeConnection;
/** Workflow code as Temporal takes it, and as Weir bundles it. */
let bundles: { readonly bare: string; readonly guarded: string };
let running: { readonly worker: Worker; readonly done: Promise<void> }[] = [];

beforeAll(async () => {
  quietWorkers();
  temporal = await testTemporal();
  connection = await NativeConnection.connect({ address: temporal.address });
  const quiet = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} };
  const { code } = await bundleWorkflowCode({ workflowsPath: FAULTS, logger: quiet });
  bundles = { bare: code, guarded: await bundle(FAULTS) };
  running = await Promise.all([work('bare'), work('guarded')]);
});
afterAll(async () => {
  for (const { worker } of running) worker.shutdown();
  await Promise.all(running.map(({ done }) => done));
  await connection.close();
  await temporal.close();
});

async function work(which: 'bare' | 'guarded') {
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: `${temporal.taskQueue}-${which}`,
    workflowBundle: { code: bundles[which] },
  });
  return { worker, done: worker.run() };
}

function start(which: 'bare' | 'guarded', type: string): Promise<WorkflowHandle> {
  return temporal.client.workflow.start(type, {
    taskQueue: `${temporal.taskQueue}-${which}`,
    workflowId: `${type}-${randomUUID()}`,
  });
}

/** The message of the first workflow task of a run that failed. */
async function failedTask(run: WorkflowHandle): Promise<string> {
  return await until(
    async () => {
      const { events } = await run.fetchHistory();
      const failed = events?.find((event) => event.workflowTaskFailedEventAttributes);
      return failed?.workflowTaskFailedEventAttributes?.failure?.message ?? null;
    },
    { what: 'a workflow task fails', timeoutMs: 60_000 },
  );
}

async function expectStuck(run: WorkflowHandle, why: RegExp): Promise<void> {
  expect(await failedTask(run)).toMatch(why);
  expect((await run.describe()).status.name).toBe('RUNNING');
  await run.terminate();
}

describe('trap 5: a failure that looks like "Running" for ever', () => {
  it('a plain error is one without the guard', async () => {
    await expectStuck(await start('bare', 'throwsPlainError'), /plan is undefined/);
  });

  it('with the guard the run fails as Bug, with what to do, and can still be asked', async () => {
    const run = await start('guarded', 'throwsPlainError');
    const failure = await run.result().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(WorkflowFailedError);
    const cause = failure instanceof WorkflowFailedError ? failure.cause : undefined;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect(cause).toMatchObject({
      type: 'Bug',
      nonRetryable: true,
      message: expect.stringMatching(/TypeError: plan is undefined\. Mend the code/),
    });
    // A query replays the closed run, the end included.
    expect(await run.query('__stack_trace')).toEqual(expect.any(String));
  });

  it('an update handler that breaks refuses its caller, and the run goes on', async () => {
    const run = await start('guarded', 'handlerBreaks');
    const refused = await run.executeUpdate('decide', { args: ['wrong'] }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
    expect(await run.executeUpdate('decide', { args: ['right'] })).toBe('right');
    expect(await run.result()).toBe('went on');
  });

  it('an unregistered search attribute is one whatever runs it: only the linter and a test keep it out', async () => {
    await expectStuck(await start('guarded', 'namesUnregistered'), /WeirNobodyKnows/);
  });

  it('a history that the code cannot go on with fails its task, not its run', async () => {
    const run = await start('bare', 'sleepsTwice');
    await run.result();
    const history = await run.fetchHistory();
    const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
    if (started) started.workflowType = { name: 'throwsPlainError' };
    await expect(
      Worker.runReplayHistory({ workflowBundle: { code: bundles.guarded } }, history, run.workflowId),
    ).rejects.toThrow(/plan is undefined/);
  });
});

describe('trap 2: an async validator', () => {
  it('wedges the run that it was to protect; the linter refuses it', async () => {
    const run = await start('guarded', 'validatesLater');
    // Its caller is never answered.
    const asked = run.executeUpdate('decide', { args: ['wrong'] }).catch(() => 'no answer');
    await expectStuck(run, /refused/);
    expect(await asked).toBe('no answer');
  });
});
