import { afterAll, beforeAll, expect, it } from 'vitest';
import { findRuns } from '../../cli/runs/find-runs.ts';
import { until } from '../poll.ts';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { say, type Said } from './say.ts';

let weir: TestWeir;
beforeAll(async () => {
  weir = await testWeir();
}, 300_000);
afterAll(async () => {
  await weir.close();
}, 60_000);

function weirSays(...args: string[]): Promise<Said> {
  const { settings, temporal } = weir;
  return say(args, {
    DATABASE_URL: settings.databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    WEIR_TASK_QUEUE: settings.taskQueue,
  });
}

/** Visibility comes a moment after what it tells of. */
function visible(state: string, ...more: string[]): Promise<readonly Record<string, unknown>[]> {
  return until(
    async () => {
      const { out } = await weirSays('runs', '--json', '--state', state, ...more);
      const runs: readonly Record<string, unknown>[] = JSON.parse(out);
      return runs.length > 0 ? runs : null;
    },
    { what: `a run can be found as ${state}`, timeoutMs: 60_000 },
  );
}

it('shows where everything stands, and the runs behind it', { timeout: 300_000 }, async () => {
  await weir.loadDimensions();
  await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9, { store_id: null }));
  const run = await weir.run('hourly', { asOf: AS_OF });
  const verdictId = await weir.heldVerdict('stg_transactions');

  const status = await weirSays('status');
  expect(status.code).toBe(1);
  expect(status.out).toMatch(/● stg_transactions +nothing yet \/ 1 h 15 min +held +fail\n/);
  expect(status.out).toMatch(/✓ dim_stores +(\d+ (min|s) )+\/ 1 d 2 h +published (\d+ (min|s) )+ago +pass\n/);
  expect(status.out).toContain(`    run     ${run.workflowId}\n    verdict ${verdictId}\n`);
  expect(status.out).toMatch(
    /held for (\d+ min ?)?(\d+ s)?: stg_transactions, input gate \(transactions\), 1 of 8/,
  );
  const json: { readonly incidents: readonly unknown[] } = JSON.parse(
    (await weirSays('status', '--json')).out,
  );
  expect(json).toMatchObject({
    held: [{ verdictId, model: 'stg_transactions' }],
    nextRuns: expect.arrayContaining([expect.objectContaining({ scheduleId: 'hourly-incremental-load' })]),
  });
  // Nothing of the hourly pipeline concerns the daily one, which is fresh.
  expect(await weirSays('status', '--pipeline', 'daily')).toMatchObject({ code: 0 });

  expect(await visible('held')).toMatchObject([
    {
      workflowId: run.workflowId,
      pipeline: 'hourly',
      state: 'held',
      endedAt: null,
      failedSuites: ['transactions'],
      link: expect.stringContaining(`/workflows/${run.workflowId}/`),
    },
  ]);
  const shown = await weirSays('runs', 'show', run.workflowId);
  expect(shown).toMatchObject({ code: 0, err: '' });
  expect(shown.out).toContain('held by transactions: weir gate list');
  expect(shown.out).toContain(verdictId);
  expect(shown.out).not.toMatch(/\*\*|`|^\|/m);
  const shownAsJson = await weirSays('runs', 'show', run.workflowId, '--json');
  expect(JSON.parse(shownAsJson.out)).toMatchObject({
    details: expect.stringMatching(/\*\*HELD\*\*[^]*\| --- \|/),
  });

  await weirSays('gate', 'abandon', verdictId, '--reason', 'a test');
  await expect(run.result()).rejects.toThrow();
  expect(await visible('failed', '--since', '24h')).toMatchObject([
    { workflowId: run.workflowId, state: 'failed', failure: expect.stringContaining('stg_transactions') },
  ]);
  expect(await weirSays('runs', '--state', 'failed', '--pipeline', 'daily')).toMatchObject({
    code: 0,
    out: 'no run fits\n',
  });

  // A page a run: the limit ends it, not the page.
  const { client, namespace } = weir.temporal;
  const filter = { taskQueue: weir.settings.taskQueue, pipeline: null, state: null, since: null };
  const find = (limit: number) => findRuns({ client, namespace, settings: weir.settings }, filter, limit, 1);
  const all = await find(10);
  expect(new Set(all.map(({ pipeline }) => pipeline))).toEqual(new Set(['daily', 'hourly']));
  expect(all).toHaveLength(2);
  expect(await find(1)).toHaveLength(1);
});

it('says what is no state, no run and no length of time', async () => {
  expect(await weirSays('runs', '--state', 'hold')).toMatchObject({
    code: 3,
    err: expect.stringContaining(
      'there is no state hold; there are running, held, passed, left, failed, cancelled, terminated. Did you mean `held`?',
    ),
  });
  expect(await weirSays('runs', 'shwo', 'x')).toMatchObject({
    code: 3,
    err: expect.stringContaining('weir runs has no `shwo`. Did you mean `show`?'),
  });
  expect(await weirSays('runs', 'show', 'nowhere')).toMatchObject({
    code: 3,
    err: expect.stringContaining('there is no run nowhere: `weir runs` lists'),
  });
  expect(await weirSays('runs', '--since', 'yesterday')).toMatchObject({ code: 3 });
});
