import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AS_OF, baskets } from '../setup/baskets.ts';
import { sayOf } from '../setup/say-of.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

let weir: TestWeir;
let weirSays: Awaited<ReturnType<typeof sayOf>>;
beforeEach(async () => {
  weir = await testWeir();
  weirSays = await sayOf(weir);
});
afterEach(async () => {
  await weir.close();
});

describe('weir', () => {
  it('runs pipelines, shows what is held, and releases it', async () => {
    await weir.land('transactions/2017-01-01T08.jsonl', baskets(30, 32));
    const unchecked = await weir.run('hourly', { asOf: AS_OF });
    const unsure = await weir.heldVerdict('stg_transactions');
    expect((await weirSays('gate', 'list')).out).toContain(
      'suite transactions · could not be checked · since',
    );
    expect(await weirSays('gate', 'quarantine', unsure, '--reason', 'x')).toMatchObject({
      code: 3,
      err: expect.stringContaining('nobody knows which rows are bad'),
    });
    await weirSays('gate', 'abandon', unsure, '--reason', 'no stores yet');
    await expect(unchecked.result()).rejects.toThrow();

    expect(await weirSays('run', 'daily')).toMatchObject({
      code: 0,
      out: expect.stringContaining('dim_stores: published · 3 rows'),
    });
    expect(await weirSays('gate', 'list')).toEqual({ code: 0, out: 'no gate is held\n', err: '' });

    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9, { store_id: null }));
    const run = await weir.run('hourly', { asOf: AS_OF });
    const verdictId = await weir.heldVerdict('stg_transactions');
    const held = await weirSays('gate', 'list');
    expect(held.code).toBe(1);
    expect(held.out).toContain('stg_transactions · input gate, suite transactions · 1 of 8 promises broken');
    expect(held.out).toContain(`verdict ${verdictId}`);
    expect(JSON.parse((await weirSays('gate', 'list', '--json')).out)).toMatchObject([
      { verdictId, gate: 'input' },
    ]);
    const rows = await weirSays('gate', 'rows', verdictId.slice(0, 8));
    expect(rows).toMatchObject({ code: 0, err: '' });
    expect(rows.out).toContain('store_id present: ');
    expect(rows.out).toContain('"_source":"2017-01-02T08.jsonl"');
    const beside = await weirSays('run', 'hourly', '--as-of', AS_OF, '--models', 'stg_transactions');
    expect(beside).toMatchObject({ code: 2, out: expect.stringContaining(`held by ${run.workflowId}`) });

    expect(await weirSays('gate', 'override', verdictId, '--reason', 'short')).toMatchObject({
      code: 3,
      err: expect.stringContaining('reason needs 15 or more letters'),
    });
    expect(await weirSays('gate', 'reload', 'beef', '--reason', 'x')).toMatchObject({
      code: 3,
      err: expect.stringContaining('no held gate has verdict beef'),
    });
    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9));
    expect(
      await weirSays('gate', 'reload', verdictId.slice(0, 8), '--reason', 'delivered again', '--by', 'test'),
    ).toMatchObject({ code: 0, out: `reloadAndRetry accepted for stg_transactions (${run.workflowId})\n` });
    await run.result();
  });

  it('sets the rows aside that a held gate found bad', async () => {
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', [
      ...baskets(1, 9),
      ...baskets(9, 10, { store_id: null }),
    ]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    const verdictId = await weir.heldVerdict('stg_transactions');
    expect(
      await weirSays('gate', 'quarantine', verdictId, '--reason', 'a till without a store', '--by', 'test'),
    ).toMatchObject({
      code: 0,
      out: `quarantineAndContinue accepted for stg_transactions (${run.workflowId})\n`,
    });
    expect((await run.result()).models['stg_transactions']).toMatchObject({
      rows: 8,
      remarks: ['input gate: 1 row quarantined'],
    });
  });

  it('ends with 1 when a gate held the run until its hold expired', async () => {
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', baskets(1, 9, { store_id: null }));
    const said = await weirSays('run', 'hourly', '--as-of', AS_OF, '--hold-for', '9s');
    expect(said.err.match(/HELD by transactions: weir gate list/g), said.err).toHaveLength(1);
    expect(said).toMatchObject({ code: 1, err: expect.stringContaining('nobody decided') });
  });

  it('says what is wrong with a command, with 3', async () => {
    expect(await weirSays('validat')).toMatchObject({
      code: 3,
      err: expect.stringContaining('weir has no `validat`. Did you mean `validate`?'),
    });
    expect(await weirSays('gate', 'lst')).toMatchObject({
      code: 3,
      err: expect.stringContaining('weir gate has no `lst`. Did you mean `list`?'),
    });
    expect(await weirSays('run', 'hourly', '--asof', AS_OF)).toMatchObject({
      code: 3,
      err: expect.stringContaining('weir run has no --asof. Did you mean `--as-of`?'),
    });
    expect(await weirSays('gate')).toMatchObject({
      code: 0,
      out: expect.stringContaining('weir gate <command> --help'),
    });
    expect(await weirSays('run', 'weekly')).toMatchObject({
      code: 3,
      err: expect.stringContaining('there is no pipeline weekly; there are minute, hourly and daily'),
    });
    expect(await weirSays('run', 'hourly', '--full-refresh', 'stg_transaction')).toMatchObject({
      code: 3,
      err: 'weir: the hourly pipeline publishes no stg_transaction. Did you mean `stg_transactions`?\n',
    });
    expect(await weirSays('gate', 'reload', '--help')).toMatchObject({
      code: 0,
      out: expect.stringContaining('VERDICT'),
    });
  });
});
