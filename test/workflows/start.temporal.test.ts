import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testWeir, type TestWeir } from '../setup/weir.ts';

/** What the Temporal UI's Start form sends for an empty box, for `null` and for `{}`. */
const NOTHING: readonly (readonly [string, readonly unknown[]])[] = [
  ['no input', []],
  ['null', [null]],
  ['{}', [{}]],
];

describe('every workflow, started from the Temporal UI', () => {
  let weir: TestWeir;
  beforeAll(async () => {
    weir = await testWeir();
  });
  afterAll(async () => {
    await weir.close();
  });

  const start = (type: string, args: readonly unknown[]) =>
    weir.temporal.client.workflow.start(type, {
      taskQueue: weir.temporal.taskQueue,
      workflowId: `${type}-${crypto.randomUUID()}`,
      args: [...args],
    });

  describe.each(['dailyDimensionRefresh', 'hourlyIncrementalLoad', 'housekeeping'])('%s', (type) => {
    it.each(NOTHING)('does the usual thing with %s', { timeout: 120_000 }, async (_, args) => {
      const run = await start(type, args);
      await run.result();
    });

    it.each([[['a list']], ['text'], [{ nosuch: 1 }]])('refuses %j with what it takes', async (input) => {
      const run = await start(type, [input]);
      await expect(run.result()).rejects.toMatchObject({
        cause: { type: 'InvalidInput', message: expect.stringMatching(/cannot be used: .+; .+\./) },
      });
    });
  });

  it.each(NOTHING)('incident, with %s, says who starts it', async (_, args) => {
    const run = await start('incident', args);
    await expect(run.result()).rejects.toMatchObject({
      cause: {
        type: 'InvalidInput',
        message: expect.stringContaining('Weir starts this workflow itself when a gate holds'),
      },
    });
  });

  it('pages nobody for any of that', async () => {
    expect(await weir.incidents()).toEqual([]);
  });
});
