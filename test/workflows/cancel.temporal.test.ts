import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { setTrap, type Station } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MODEL = 'stg_transactions';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

async function start(records = baskets(1, 9)): Promise<void> {
  weir = await testWeir({ ownFiles: true });
  await weir.loadDimensions();
  await weir.land(HOUR, records);
}

/** The run has ended as what it is, and nobody was told. */
async function expectCancelled(run: Run): Promise<void> {
  await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect((await run.describe()).status.name).toBe('CANCELLED');
}

/** A model is given back when its station has stopped, and not while it still might write. */
async function expectReleasedAfter(run: Run, station: Station): Promise<void> {
  const events = (await run.fetchHistory()).events ?? [];
  const scheduled = (name: string): number =>
    events.findIndex(({ activityTaskScheduledEventAttributes: one }) => {
      const input = Buffer.from(one?.input?.payloads?.[0]?.data ?? []).toString();
      return one?.activityType?.name === name && input.includes(`"model":"${MODEL}"`);
    });
  const stopped = events.findIndex(
    ({ activityTaskCanceledEventAttributes: one }) =>
      Number(one?.scheduledEventId ?? 0) === scheduled(station) + 1,
  );
  expect(stopped).toBeGreaterThan(0);
  expect(scheduled('release')).toBeGreaterThan(stopped);
}

/** What a run that is gone may not leave behind. */
async function left() {
  const { rows } = await sql`
    select (select count(*)::int from control.lease) as leases,
      (select count(*)::int from pg_class where relnamespace = 'candidate'::regnamespace and relkind = 'r') as candidates,
      (select count(*)::int from control.watermark where model = ${MODEL}) as watermarks,
      (select count(*)::int from control.load where state in ('open', 'staged')) as loads,
      (select count(*)::int from silver.stg_transactions) as silver`.execute(weir.database.admin);
  return rows[0];
}

const nothing = { leases: 0, candidates: 0, watermarks: 0, loads: 0, silver: 0 };

async function expectNextRunTakesRows(rows = 8): Promise<void> {
  const { models } = await (await weir.run('hourly', { asOf: AS_OF })).result();
  expect(models[MODEL]).toMatchObject({ state: 'published', rows });
  expect(await left()).toEqual({ ...nothing, watermarks: 1, silver: rows });
}

describe('cancelling a run', () => {
  it.each<Station>(['extract', 'open', 'stage', 'publish'])(
    'stops the SQL of its %s, leaves nothing, and pages nobody',
    { timeout: 120_000 },
    async (station) => {
      await start();
      const trap = await setTrap(weir, station);
      const run = await weir.run('hourly', { asOf: AS_OF });
      await trap.caught();
      await run.cancel();
      await trap.left(); // It is still shut: nobody has let them through.
      await expectCancelled(run);
      if (station !== 'extract') await expectReleasedAfter(run, station);
      expect(await left()).toEqual(nothing);
      expect(await weir.incidents()).toEqual([]);
      await trap.open();
      await expectNextRunTakesRows();
      if (station === 'stage') await keepHistory('cancel', run);
    },
  );

  it('stops the SQL of a gate, which gives no verdict', { timeout: 120_000 }, async () => {
    await start();
    const file = path.join(weir.settings.modelsFolder, 'silver', 'stg_transactions.sql');
    const text = await readFile(file, 'utf8');
    const query = 'select store_id from gold.dim_stores';
    expect(text).toContain(`{query: ${query}}`);
    await writeFile(file, text.replace(query, `${query} where pg_sleep(600) is not null`));
    const run = await weir.run('hourly', { asOf: AS_OF });
    const asleep = async (): Promise<boolean> => {
      const { rows } = await sql`
        select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`.execute(
        weir.database.admin,
      );
      return rows.length > 0;
    };
    await until(asleep, { what: 'the gate is asked', timeoutMs: 60_000 });
    await run.cancel();
    await until(async () => !(await asleep()), { what: 'its SQL is stopped', timeoutMs: 30_000 });
    await expectCancelled(run);
    expect(await left()).toEqual(nothing);
    const verdicts = await weir.database.admin
      .selectFrom('control.gate_run')
      .select('verdict_id')
      .where('model', '=', MODEL)
      .execute();
    expect(verdicts).toEqual([]);
    await writeFile(file, text);
    await expectNextRunTakesRows();
  });

  it('stops rows from being set aside', { timeout: 120_000 }, async () => {
    await start([...baskets(1, 9), OVER_LIMIT]);
    const trap = await setTrap(weir, 'quarantine');
    const run = await weir.run('hourly', { asOf: AS_OF });
    const verdictId = await weir.heldVerdict(MODEL);
    await run.executeUpdate(decisionUpdates.quarantineAndContinue, {
      args: [{ verdictId, reason: 'the rest is right', by: 'test' }],
    });
    await trap.caught();
    await run.cancel();
    await trap.left();
    await expectCancelled(run);
    expect(await left()).toEqual(nothing);
    const { rows } = await sql`select from control.batch_quarantine`.execute(weir.database.admin);
    expect(rows).toEqual([]);
    await trap.open();
    await weir.land(HOUR, baskets(1, 9));
    await expectNextRunTakesRows();
  });

  it('gives a held gate up: its model is free, its incident stays until a load passes', async () => {
    await start([...baskets(1, 9), OVER_LIMIT]);
    const run = await weir.run('hourly', { asOf: AS_OF });
    await weir.heldVerdict(MODEL);
    await until(async () => (await weir.incidents()).length === 1, {
      what: 'the incident is open',
      timeoutMs: 60_000,
    });
    await run.cancel();
    await expectCancelled(run);
    expect(await left()).toEqual(nothing);
    expect(await weir.incidents()).toMatchObject([{ status: 'triggered' }]);
    await weir.land(HOUR, baskets(1, 9));
    await expectNextRunTakesRows();
    await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
      what: 'the next load resolves it',
      timeoutMs: 60_000,
    });
    expect(await weir.incidents()).toHaveLength(1);
    await keepHistory('cancel-held', run);
  });

  it('that waits for another one leaves that one alone', { timeout: 120_000 }, async () => {
    await start();
    const trap = await setTrap(weir, 'stage');
    const first = await weir.run('hourly', { asOf: AS_OF });
    await trap.caught();
    const second = await weir.run('hourly', { asOf: AS_OF });
    await until(
      async () => {
        const { pendingActivities } = (await second.describe()).raw;
        return (pendingActivities ?? []).some(
          ({ activityType, attempt }) => activityType?.name === 'open' && (attempt ?? 0) > 1,
        );
      },
      { what: 'the second run waits for its turn', timeoutMs: 60_000 },
    );
    await second.cancel();
    await expectCancelled(second);
    await trap.open();
    const { models } = await first.result();
    expect(models[MODEL]).toMatchObject({ state: 'published', rows: 8 });
    expect(await weir.incidents()).toEqual([]);
  });
});
