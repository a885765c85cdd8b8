import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { say } from '../cli/say.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

let weir: TestWeir;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

describe('the log of a worker', () => {
  it('has a line for the end of each station, with run, model and attempt, and no row values', async () => {
    weir = await testWeir({ worker: false });
    const worker = await workers.spawn(weir, { WEIR_LOG_LEVEL: 'debug' });
    await weir.loadDimensions();
    const secret = 'TERMINAL_OF_SOMEBODY';
    await weir.land('transactions/2017-01-02T08.jsonl', [
      ...baskets(1, 9),
      basket(9, { terminal_id: secret, total_amount: secret }),
      `{"not": "${secret}"}`,
    ]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await run.result();
    const { runId } = await run.describe();
    await worker.logged('the end', (line) => line.message === 'Workflow completed' && line.runId === runId);
    const lines = worker.log().filter((line) => line.runId === runId);
    const of = (step: string) =>
      lines.filter((line) => line.message === `${step} done` && line.model === 'stg_transactions');
    for (const step of ['open', 'gate', 'stage', 'publish'])
      expect(of(step)[0], step).toMatchObject({
        level: 'INFO',
        step,
        model: 'stg_transactions',
        workflowId: run.workflowId,
        attempt: 1,
        durationMs: expect.any(Number),
      });
    expect(of('stage')[0]).toMatchObject({ counts: { staged: 8 } });
    expect(of('gate').map(({ gate }) => gate)).toContain('output');
    expect(lines.some(({ message }) => message === 'Workflow started')).toBe(true);
    expect(JSON.stringify(worker.log())).not.toContain(secret);
  });

  it('leads from a verdict to its page and whom it was sent, and from each of them to the run', async () => {
    weir = await testWeir({ worker: false });
    const worker = await workers.spawn(weir);
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', [
      ...baskets(1, 9),
      basket(9, { total_amount: '100000.01' }),
    ]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    const verdictId = await weir.heldVerdict('stg_transactions');
    const sent = await worker.logged(
      'the page is sent',
      ({ message, action }) => message === 'send done' && action === 'trigger',
    );
    const { runId } = await run.describe();
    const incident = `weir/${weir.settings.environment}/stg_transactions/transactions`;
    expect(sent).toMatchObject({
      model: 'stg_transactions',
      receiver: 'pagerduty',
      incident,
      eventId: expect.stringContaining(verdictId),
      aboutWorkflowId: run.workflowId,
      aboutRunId: runId,
    });
    const of = (message: string) =>
      worker.logged(
        message,
        (line) => line.message === message && line.model === 'stg_transactions' && line.runId === runId,
      );
    expect(await of('gate done')).toMatchObject({
      suite: 'transactions',
      counts: { verdictId, outcome: 'fail', rows: expect.any(Number) },
    });
    expect(await of('page done')).toMatchObject({ verdictId, counts: { incident } });

    const file = path.join(await mkdtemp(path.join(tmpdir(), 'weir-log-')), 'worker.log');
    await writeFile(
      file,
      worker
        .log()
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
    for (const id of [run.workflowId, runId]) {
      const { out } = await say(['logs', id, '--file', file], {});
      for (const message of ['gate done', 'page done', 'send done']) expect(out).toContain(message);
    }
    await rm(path.dirname(file), { recursive: true });
  });
});
