import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { gateState } from '../../workflows/search-attributes.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { replaceFile, suiteFile } from '../setup/suite-file.ts';
import { setTrap } from '../setup/trap.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const MODEL = 'stg_transactions';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });
const OFTEN = { firstMs: 300, mostMs: 300 };

let weir: TestWeir;
afterEach(async () => {
  await weir.close();
});

interface Asked {
  readonly verdict: string;
  readonly because: string | null;
  readonly rows: number;
}

/** Every time that the model's input gate was asked. */
async function asked(): Promise<readonly Asked[]> {
  const { rows } = await sql<Asked>`
    select verdict_id as verdict, looked_because as because, rows_checked as rows from control.gate_run
    where model = ${MODEL} and gate = 'input' order by evaluation_id`.execute(weir.database.admin);
  return rows;
}

async function askedAgain(times: number): Promise<readonly Asked[]> {
  return until(
    async () => {
      const all = await asked();
      return all.length >= times ? all : null;
    },
    { what: `the gate is asked ${times} times`, timeoutMs: 60_000 },
  );
}

async function hold(records: readonly object[], holdFor?: string): Promise<{ run: Run; verdictId: string }> {
  weir = await testWeir({ ownFiles: true, look: OFTEN });
  await weir.loadDimensions();
  await weir.land(HOUR, records);
  const run = await weir.run('hourly', { asOf: AS_OF, ...(holdFor === undefined ? {} : { holdFor }) });
  const verdictId = await weir.heldVerdict(MODEL);
  await until(async () => (await weir.incidents()).length === 1, {
    what: 'on-call is told',
    timeoutMs: 60_000,
  });
  return { run, verdictId };
}

async function isHeld(run: Run): Promise<void> {
  await until(async () => (await run.describe()).typedSearchAttributes.get(gateState) === 'held', {
    what: 'it is held',
    timeoutMs: 60_000,
  });
}

/** All that on-call was told, with when. */
async function told(): Promise<string | undefined> {
  return (await weir.incidents())[0]?.text;
}

async function silver(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from silver.stg_transactions`.execute(
    weir.database.admin,
  );
  return rows[0]?.n ?? -1;
}

describe('a held gate is looked at again by itself', { timeout: 120_000 }, () => {
  it('when its source delivers again: the batch is loaded again, and nobody has to press anything', async () => {
    const { run } = await hold([...baskets(1, 9), OVER_LIMIT]);
    await weir.land(HOUR, baskets(1, 9));
    const { models } = await run.result();
    expect(models[MODEL]).toMatchObject({ state: 'published', rows: 8 });
    expect((await asked()).map(({ because }) => because)).toEqual([
      null,
      '1 file delivered to raw_transactions',
    ]);
    await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
      what: 'it resolves',
      timeoutMs: 60_000,
    });
    expect(await weir.incidents()).toHaveLength(1);
    expect(await sql`select from control.decision`.execute(weir.database.admin)).toMatchObject({ rows: [] });
    await keepHistory('look-source', run);
  });

  it('when a parameter changes: the same rows are asked again, and nothing is loaded', async () => {
    const { run } = await hold([...baskets(1, 9), basket(9, { store_id: 'STORE_00004' })]);
    await sql`insert into gold.dim_stores (store_id) values ('STORE_00004')`.execute(weir.database.admin);
    const { models } = await run.result();
    expect(models[MODEL]).toMatchObject({ state: 'published', rows: 9 });
    expect((await asked()).map(({ because }) => because)).toEqual([
      null,
      'parameter valid_store_ids changed',
    ]);
    const loads = await weir.database.admin
      .selectFrom('control.load')
      .select('load_id')
      .where('model', '=', MODEL)
      .execute();
    expect(loads).toHaveLength(1);
    await keepHistory('look-parameter', run);
  });

  it('when its suite changes', async () => {
    const { run } = await hold([...baskets(1, 9), OVER_LIMIT]);
    const file = suiteFile(weir, 'transactions');
    const text = await readFile(file, 'utf8');
    expect(text).toContain('100000');
    await replaceFile(file, text.replaceAll('100000', '100001'));
    const { models } = await run.result();
    expect(models[MODEL]).toMatchObject({ state: 'published', rows: 9 });
    expect((await asked()).at(-1)?.because).toBe('suite transactions changed');
  });

  it('an hour that arrives beside a bad row keeps its verdict, pages nobody again, and loses nothing', async () => {
    const { run, verdictId } = await hold([...baskets(1, 9), OVER_LIMIT]);
    const before = await told();
    const events: number[] = [(await run.fetchHistory()).events?.length ?? 0];
    for (const hour of [1, 2]) {
      await weir.land(`transactions/2017-01-02T0${8 + hour}.jsonl`, baskets(hour * 10, hour * 10 + 3));
      await askedAgain(1 + hour);
      await isHeld(run);
      expect(await weir.heldVerdict(MODEL)).toBe(verdictId);
      events.push((await run.fetchHistory()).events?.length ?? 0);
    }
    // An hour of its own that comes to a model which is held finds it held, since the first verdict.
    const later = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(later.models[MODEL]?.state).toBe('heldElsewhere');
    expect((await asked()).map(({ verdict, rows }) => [verdict, rows])).toEqual([
      [verdictId, 9],
      [verdictId, 12],
      [verdictId, 15],
    ]);
    expect(await told()).toEqual(before);
    expect(await silver()).toBe(0);
    // Twelve hours of it stay far below the 4,096 events at which Temporal asks for a new history.
    const anHour = Math.max(...events.slice(1).map((count, index) => count - (events[index] ?? 0)));
    expect(anHour).toBeLessThan(60);
    const details = await run
      .query<string>('__temporal_workflow_metadata')
      .then((one) => JSON.stringify(one));
    expect(details).toContain('2 times so far, because 1 file delivered to raw_transactions');
    await run.executeUpdate(decisionUpdates.overrideGate, {
      args: [{ verdictId, reason: 'one real wholesale order', by: 'test' }],
    });
    expect((await run.result()).models[MODEL]).toMatchObject({ state: 'published', rows: 15 });
    expect(await silver()).toBe(15);
    await keepHistory('look-hours', run);
  });

  it('one bad row more is another verdict', async () => {
    const { run, verdictId } = await hold([...baskets(1, 9), OVER_LIMIT]);
    await weir.land('transactions/2017-01-02T09.jsonl', [basket(10, { total_amount: '100000.02' })]);
    const other = await weir.heldVerdict(MODEL, verdictId);
    await isHeld(run);
    await expect(
      run.executeUpdate(decisionUpdates.overrideGate, {
        args: [{ verdictId, reason: 'one real wholesale order', by: 'test' }],
      }),
    ).rejects.toMatchObject({ cause: { message: expect.stringContaining(other) } });
    await run.executeUpdate(decisionUpdates.abandon, {
      args: [{ verdictId: other, reason: 'enough', by: 'test' }],
    });
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'Abandoned' } });
  });

  it('a file that can never land is looked into once', async () => {
    const { run } = await hold([...baskets(1, 9), OVER_LIMIT]);
    // Not one record of it is what the header says: it drifts, and lands nothing.
    const odd = baskets(30, 60).map(({ transaction_id: id, ...rest }) => ({ ...rest, id }));
    await weir.land('transactions/odd.jsonl', odd);
    await askedAgain(2);
    await isHeld(run);
    await looksOf(run, 4);
    expect((await asked()).length).toBe(2);
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });

  it('keeps its deadline over looks, and has no place in a worker meanwhile', async () => {
    const { run } = await hold([...baskets(1, 9), OVER_LIMIT], '20s');
    await weir.land('transactions/2017-01-02T09.jsonl', baskets(10, 13));
    await askedAgain(2);
    await expect(run.result()).rejects.toMatchObject({ cause: { type: 'GateHeld' } });
    const { events } = await run.fetchHistory();
    const timers = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer?.startToFireTimeout ? [Number(timer.startToFireTimeout.seconds)] : [],
    );
    expect(timers.at(-1)).toBeLessThan(20);
    // Each look that found nothing has left no event of its own.
    expect(events?.length).toBeLessThan(150);
  });

  it('a decision that comes first wins, and the look that it ends fails nothing', async () => {
    const { run, verdictId } = await hold([...baskets(1, 9), OVER_LIMIT]);
    await looksOf(run, 2);
    const trap = await setTrap(weir, 'publish');
    await run.executeUpdate(decisionUpdates.overrideGate, {
      args: [{ verdictId, reason: 'one real wholesale order', by: 'test' }],
    });
    await trap.caught();
    await weir.land(HOUR, baskets(1, 9));
    await trap.open();
    expect((await run.result()).models[MODEL]).toMatchObject({
      state: 'published',
      rows: 9,
      overrides: [{ gate: 'input', verdictId, by: 'test', reason: 'one real wholesale order' }],
    });
    expect(await asked()).toHaveLength(1);
  });

  it('rows that another run has landed count as much as a file', async () => {
    const { run, verdictId } = await hold([...baskets(1, 9), OVER_LIMIT]);
    await sql`
      insert into bronze.raw_transactions (transaction_id, store_id, transaction_timestamp, total_amount, payment_method, items, _source, _revision, _load, _position, _record_hash)
      select 'T000099', 'STORE_00001', '2017-01-02T08:20:00Z', 5, 'CASH', '[]', _source, 1, _load, 99, gen_random_uuid()
      from bronze.raw_transactions limit 1`.execute(weir.database.admin);
    await askedAgain(2);
    await isHeld(run);
    expect(await asked()).toMatchObject([
      { verdict: verdictId, because: null, rows: 9 },
      { because: 'rows have come to raw_transactions', rows: 10 },
    ]);
    await run.cancel();
    await expect(run.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
});

describe('looking at an output gate', { timeout: 120_000 }, () => {
  it('loads and stages again, and its input gate is asked on the way', async () => {
    weir = await testWeir({ ownFiles: true, look: OFTEN });
    await weir.loadDimensions();
    const file = suiteFile(weir, 'stg_transactions');
    const suite: { expectations: object[] } = JSON.parse(await readFile(file, 'utf8'));
    suite.expectations.push({
      type: 'expect_table_row_count_to_be_between',
      kwargs: { min_value: 10 },
      severity: 'critical',
    });
    await writeFile(file, JSON.stringify(suite));
    expect(path.basename(file)).toBe('stg_transactions.json');
    await weir.land(HOUR, baskets(1, 9));
    const run = await weir.run('hourly', { asOf: AS_OF });
    await weir.heldVerdict(MODEL);
    await weir.land('transactions/2017-01-02T09.jsonl', baskets(10, 13));
    expect((await run.result()).models[MODEL]).toMatchObject({ state: 'published', rows: 11 });
    expect(await silver()).toBe(11);
  });
});

/** Waits until a run's look has been tried so often. */
async function looksOf(run: Run, attempts: number): Promise<void> {
  await until(
    async () => {
      const { pendingActivities } = (await run.describe()).raw;
      return (pendingActivities ?? []).some(
        ({ activityType, attempt }) => activityType?.name === 'look' && (attempt ?? 0) >= attempts,
      );
    },
    { what: `it is looked at ${attempts} times`, timeoutMs: 60_000 },
  );
}
