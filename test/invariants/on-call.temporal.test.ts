import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';
import { requestStandIn } from '../infra/pagerduty/request.ts';

const OVER_LIMIT = basket(9, { total_amount: '100000.01' });
const HOUR = 'transactions/2017-01-02T08.jsonl';
const ONLY = { models: ['stg_transactions'] };

let weir: TestWeir;
afterEach(() => weir.close());

async function row() {
  return await weir.database.admin
    .selectFrom('control.incident')
    .selectAll()
    .where('model', '=', 'stg_transactions')
    .executeTakeFirst();
}

async function status(): Promise<readonly string[]> {
  return (await weir.incidents()).map((one) => one.status);
}

async function decide(
  run: Run,
  update: 'abandon' | 'overrideGate' | 'reloadAndRetry',
  verdictId: string,
): Promise<void> {
  const decision = { verdictId, reason: 'the till of store 7 is being replaced', by: 'Ada' };
  await run.executeUpdate(decisionUpdates[update], { args: [decision] });
}

test('24 failing hours make one incident, which a pass resolves', { timeout: 180_000 }, async () => {
  weir = await testWeir();
  await weir.loadDimensions();
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
  const verdicts: string[] = [];
  for (let hour = 0; hour < 24; hour++) {
    const run = await weir.run('hourly', { asOf: AS_OF, ...ONLY });
    const verdictId = await weir.heldVerdict('stg_transactions', verdicts.at(-1));
    await decide(run, 'abandon', verdictId);
    await expect(run.result()).rejects.toThrow();
    verdicts.push(verdictId);
  }
  expect(await row()).toMatchObject({
    ...{ failures: 24, opening: 1, state: 'open' },
    ...{ verdict_id: verdicts[0], last_verdict_id: verdicts.at(-1) },
  });
  await until(
    async () => (await weir.incidents())[0]?.text.includes('abandoned by Ada: the till of store 7'),
    {
      what: 'on-call is told, and of the decisions',
      timeoutMs: 60_000,
    },
  );
  expect(await status()).toEqual(['triggered']);
  const [told] = await weir.incidents();
  expect(told?.text).toContain('abandoned by Ada: the till of store 7 is being replaced');
  await weir.land(HOUR, baskets(1, 9));
  await (await weir.run('hourly', { asOf: AS_OF, ...ONLY })).result();
  await until(async () => (await status()).includes('resolved'), {
    what: 'a pass resolves it',
    timeoutMs: 60_000,
  });
  expect(await status()).toEqual(['resolved']);
  expect((await weir.incidents())[0]?.text).toContain('had failed 24 times in ');
});

test(
  'a page that waits keeps nobody from deciding, and is told once it can be',
  { timeout: 60_000 },
  async () => {
    weir = await testWeir();
    await weir.loadDimensions();
    await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
    const trap = await setTrap(weir, 'page');
    const run = await weir.run('hourly', { asOf: AS_OF, ...ONLY });
    await trap.caught();
    await decide(run, 'overrideGate', await weir.heldVerdict('stg_transactions'));
    await until(
      async () => {
        const { rows } = await sql`select from silver.stg_transactions`.execute(weir.database.admin);
        return rows.length === 9;
      },
      { what: 'the batch is published while the page waits', timeoutMs: 60_000 },
    );
    expect(await status()).toEqual([]);
    await trap.open();
    await run.result();
    await until(async () => (await status()).includes('resolved'), {
      what: 'told, and that it is over',
      timeoutMs: 60_000,
    });
    expect(await status()).toEqual(['resolved']);
    expect((await weir.incidents())[0]?.text).toContain('overrideGate by Ada: the till of store 7');

    // Answered for by name: what fails next is another incident.
    await weir.land('transactions/2017-01-02T09.jsonl', [basket(20, { total_amount: '100000.02' })]);
    const next = await weir.run('hourly', { asOf: AS_OF, ...ONLY });
    await decide(next, 'abandon', await weir.heldVerdict('stg_transactions'));
    await expect(next.result()).rejects.toThrow();
    await until(async () => (await status()).includes('triggered'), {
      what: 'it is told',
      timeoutMs: 60_000,
    });
    expect((await status()).toSorted()).toEqual(['resolved', 'triggered']);
    expect(await row()).toMatchObject({ opening: 2, failures: 1 });
  },
);

async function changes(): Promise<readonly { summary: string }[]> {
  const { body } = await requestStandIn<{ changes: { summary: string }[] }>(
    weir.standIn,
    'GET',
    '/api/changes',
  );
  return body.changes;
}

test('a warning is told once while it stays the same, and wakes nobody', { timeout: 60_000 }, async () => {
  weir = await testWeir();
  await weir.loadDimensions();
  const loads = async (hour: number, last: object): Promise<void> => {
    const from = 100 * (hour + 1);
    const records = [...baskets(from, from + 8), { ...basket(from + 8), ...last }];
    await weir.land(`transactions/2017-01-02T${10 + hour}.jsonl`, records);
    await (await weir.run('hourly', { asOf: AS_OF, ...ONLY })).result();
  };
  const told = (count: number) =>
    until(async () => (await changes()).length === count, {
      what: `${count} change events`,
      timeoutMs: 60_000,
    });
  await loads(0, { items: null });
  await told(1);
  await loads(1, { items: null });
  await loads(2, {});
  await loads(3, { items: null });
  await told(2);
  for (const { summary } of await changes())
    expect(summary).toContain('stg_transactions passed with a warning: 1 of ');
  expect(await status()).toEqual([]);
});
