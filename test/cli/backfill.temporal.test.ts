import { afterEach, beforeEach, expect, it } from 'vitest';
import { hours, startBackfill } from '../setup/backfills.ts';
import { sayOf } from '../setup/say-of.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import type { Said } from './say.ts';

let weir: TestWeir;
let weirSays: (...args: string[]) => Promise<Said>;
beforeEach(async () => {
  weir = await testWeir();
  const says = await sayOf(weir);
  weirSays = (...args) => says('backfill', ...args);
});
afterEach(() => weir.close());

const RANGE = ['--from', '2017-01-02T06:00Z', '--to', '2017-01-02T09:00Z', '--models', 'stg_transactions'];

it('weir backfill looks, asks, loads, and is steered', { timeout: 400_000 }, async () => {
  await weir.loadDimensions();
  await weir.land('transactions/one.jsonl', hours(6, 9, 3));
  const looked = await weirSays('hourly', ...RANGE, '--dry-run', '--json');
  expect(looked).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(looked.out)).toMatchObject({ intervals: 3, done: 0, models: ['stg_transactions'] });
  expect(await weirSays('hourly', ...RANGE)).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringContaining('say --yes to begin'),
  });
  expect(await weirSays('hourly', ...RANGE, '--width', 'many')).toMatchObject({
    code: 3,
    err: expect.stringContaining('--width is'),
  });

  const trap = await setTrap(weir, 'stage');
  const { workflowId } = await startBackfill(weir, {
    from: '2017-01-02T06:00:00Z',
    to: '2017-01-02T09:00:00Z',
    models: ['stg_transactions'],
    width: 1,
  });
  await trap.caught();
  expect(await weirSays(workflowId, '--width', '2', '--pause', '--reason', 'lunch')).toMatchObject({
    code: 0,
    out: 'width 1 → 2\npaused: lunch\n',
  });
  expect(await weirSays(workflowId, '--resume', '--json')).toMatchObject({
    code: 0,
    out: expect.stringContaining('"resumed"'),
  });
  await trap.open();
  expect(await weirSays(workflowId)).toMatchObject({
    code: 0,
    out: expect.stringContaining('done: 3 intervals loaded, 0 were done before'),
  });
  expect(await weirSays(workflowId, '--resume')).toMatchObject({
    code: 3,
    err: expect.stringContaining('no backfill of that id goes on'),
  });
  expect(await weirSays('backfill-hourly-nowhere')).toMatchObject({
    code: 3,
    err: expect.stringContaining('there is no backfill backfill-hourly-nowhere: `weir runs` lists'),
  });
  const again = await weirSays('hourly', ...RANGE, '--yes', '--json');
  expect(again.code).toBe(0);
  expect(JSON.parse(again.out)).toMatchObject({ state: 'done', done: 0, skipped: 3 });
});
