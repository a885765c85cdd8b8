import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../../poll.ts';
import { sayOf } from '../../setup/say-of.ts';
import { testWeir, type TestWeir } from '../../setup/weir.ts';

let weir: TestWeir;
let weirSays: Awaited<ReturnType<typeof sayOf>>;
beforeEach(async () => {
  weir = await testWeir();
  weirSays = await sayOf(weir);
});
afterEach(async () => {
  await weir.close();
});

it('leaves what is no run of a pipeline, and says what to do with it', async () => {
  const { client } = weir.temporal;
  const { taskQueue } = weir.settings;
  // No worker needs to take them: what they are, the server knows.
  const quiet = `${taskQueue}-nobody`;
  const others = {
    backfill: 'weir runs show',
    incident: 'weir page resolve',
    freshnessMonitor: 'terminate it',
  };
  for (const [type, instead] of Object.entries({ ...others, strange: 'in the Temporal UI' })) {
    const workflowId = `${type}/${taskQueue}`;
    const handle = await client.workflow.start(type, { taskQueue: quiet, workflowId });
    for (const more of [[], ['--to', 'extract raw_products']]) {
      const said = await weirSays('reset', workflowId, ...more);
      expect(said).toMatchObject({ code: 3, out: '' });
      expect(said.err).toContain(`${workflowId} cannot be reset to a step: it is`);
      expect(said.err).toContain(instead);
    }
    expect((await handle.describe()).status.name).toBe('RUNNING');
  }
  const query = `TaskQueue="${quiet}"`;
  const said = await until(
    async () => {
      const answer = await weirSays(
        'reset',
        '--query',
        query,
        '--to',
        'gate stg_transactions',
        '--yes',
        '--json',
      );
      const found: readonly { readonly left: string | null }[] = JSON.parse(answer.out);
      return found.length === 4 && { answer, found };
    },
    { what: 'all four are found', timeoutMs: 60_000 },
  );
  expect(said.answer.code).toBe(2);
  expect(said.found.map(({ left }) => left)).toEqual(
    expect.arrayContaining(Object.values(others).map((instead) => expect.stringContaining(instead))),
  );
});
