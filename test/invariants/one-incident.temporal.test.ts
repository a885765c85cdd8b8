import { afterEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { setTrap, type Station } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });
const NO_STORE = basket(10, { store_id: null });

let weir: TestWeir;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

async function statuses(): Promise<readonly string[]> {
  return (await weir.incidents()).map(({ status }) => status);
}

async function reload(run: Run, verdictId: string): Promise<void> {
  const args: [{ verdictId: string; reason: string }] = [{ verdictId, reason: 'delivered again' }];
  await run.executeUpdate(decisionUpdates.reloadAndRetry, { args });
}

/** The only one there ever was. */
async function resolvedOnce(): Promise<void> {
  await until(async () => (await statuses()).includes('resolved'), {
    what: 'the incident is resolved',
    timeoutMs: 60_000,
  });
  expect(await statuses()).toEqual(['resolved']);
}

describe('invariant 7: one open incident a gate, which resolves by itself', () => {
  it.each<Station>(['hold', 'page'])(
    'whatever worker is killed in %s',
    { timeout: 120_000 },
    async (station) => {
      weir = await testWeir({ worker: false });
      const first = await workers.spawn(weir);
      await weir.loadDimensions();
      await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
      const trap = await setTrap(weir, station);
      const run = await weir.run('hourly', { asOf: AS_OF });
      await trap.caught();
      await first.kill();
      await trap.open();
      await workers.spawn(weir);
      const verdictId = await weir.heldVerdict('stg_transactions');
      await until(async () => (await statuses()).length > 0, { what: 'on-call is told', timeoutMs: 90_000 });
      expect(await statuses()).toEqual(['triggered']);
      await weir.land(HOUR, baskets(1, 9));
      await reload(run, verdictId);
      await run.result();
      await resolvedOnce();
    },
  );

  it('however often it fails, whoever meets it, and whatever breaks next', async () => {
    weir = await testWeir();
    await weir.loadDimensions();
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    const given = await weir.run('hourly', { asOf: AS_OF });
    const first = await weir.heldVerdict('stg_transactions');
    const { abandon } = decisionUpdates;
    await given.executeUpdate(abandon, { args: [{ verdictId: first, reason: 'the next run may have it' }] });
    await expect(given.result()).rejects.toThrow();
    await until(async () => (await statuses()).length > 0, { what: 'on-call is told', timeoutMs: 60_000 });
    expect(await statuses()).toEqual(['triggered']);

    const next = await weir.run('hourly', { asOf: AS_OF });
    const second = await weir.heldVerdict('stg_transactions', first);
    await weir.land(HOUR, [...baskets(1, 9), NO_STORE]);
    await reload(next, second);
    const third = await weir.heldVerdict('stg_transactions', second);
    await until(async () => (await weir.incidents())[0]?.text.includes(third), {
      what: 'the incident tells of the newest verdict',
      timeoutMs: 60_000,
    });
    expect(await statuses()).toEqual(['triggered']);

    await weir.land(HOUR, baskets(1, 9));
    await reload(next, third);
    await next.result();
    await resolvedOnce();
  });
});
