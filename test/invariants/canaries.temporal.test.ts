import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { sayOf } from '../setup/say-of.ts';
import { addExpectation, sayOfSuite } from '../setup/suite-file.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';
import { singing, whatLeaves } from '../setup/what-leaves.ts';
import { workerProcesses, type WorkerProcess } from '../setup/worker-process.ts';

/** What is in rows, records, names of files and what people type. None of it may be found in anything that leaves. */
const CANARIES = {
  till: 'CanaryTill77',
  household: 'CanaryHousehold77',
  payment: 'CanaryPayment77',
  item: 'CanaryItem77',
  store: 'CanaryStore77',
  unknownField: 'CanaryField77',
  amount: 'CanaryAmount77',
  noJson: 'CanaryBroken77',
  noText: 'CanaryBytes77',
  region: 'CanaryRegion77',
  brand: 'CanaryBrand77',
  customer: 'CanaryCustomer77',
  fileName: 'CanaryFile77',
  card: '4111 1111 1111 1111',
  cardPlain: '4012888888881881',
  maximum: '5555555555554444',
  eMail: 'canary.person@example.com',
  phone: '(212) 555-0177',
  suiteMail: 'canary.suite@example.com',
  reasonMail: 'canary.reason@example.com',
  reasonPhone: '+49 171 5550177',
} as const;

const HOUR = `transactions/${CANARIES.fileName}-${CANARIES.eMail}-2017-01-02T08.jsonl`;
const canaryBasket = (id: number) =>
  basket(id, {
    terminal_id: CANARIES.till,
    customer_id: `${CANARIES.household} ${CANARIES.eMail}`,
    payment_method: `${CANARIES.payment} ${CANARIES.phone}`,
    items: [{ product_id: CANARIES.item, card: CANARIES.card, pan: CANARIES.cardPlain }],
  });

let weir: TestWeir;
let worker: WorkerProcess;
const workers = workerProcesses();
beforeEach(async () => {
  weir = await testWeir({ worker: false, ownFiles: true });
  await plantInSources();
  await plantInSuites();
  worker = await workers.spawn(weir, { WEIR_LOG_LEVEL: 'debug', WEIR_METRICS_PORT: '0' });
  await weir.loadDimensions();
});
afterEach(async () => {
  await workers.stopAll();
  await weir.close();
});

async function plantInSources(): Promise<void> {
  const { admin } = weir.database;
  const { region, brand, customer } = CANARIES;
  await sql`update operational.stores set district = ${region}, store_name = ${region}`.execute(admin);
  await sql`update operational.products set brand = ${brand}, product_type = ${CANARIES.eMail}`.execute(
    admin,
  );
  await sql`update crm.customers set age_band = ${customer}, income_band = ${CANARIES.phone}`.execute(admin);
}

/** Promises of every way to look at values: aggregates, sets, patterns, SQL of the suite's own, values that queries give. */
async function plantInSuites(): Promise<void> {
  const header = path.join(weir.settings.modelsFolder, 'silver', 'stg_transactions.sql');
  const model = await readFile(header, 'utf8');
  const parameters = `valid_store_ids: {query: select store_id from gold.dim_stores}
      district: {query: select district from gold.dim_stores limit 1}
      youngest: {query: "select max(length(age_band)) + 5555555555554400 from bronze.raw_customers"}`;
  await writeFile(header, model.replace(/valid_store_ids: \{.*\}/, parameters));
  const info = { severity: 'warning', meta: { weir: { on_failure: 'continue' } } };
  const add = (type: string, kwargs: Readonly<Record<string, unknown>>) =>
    addExpectation(weir, 'transactions', { type, kwargs, ...info });
  await add('expect_column_values_to_be_in_set', { column: 'terminal_id', value_set: ['T1'] });
  await add('expect_column_values_to_match_regex', { column: 'customer_id', regex: '^[0-9]$' });
  await add('expect_column_values_to_match_regex', {
    column: 'payment_method',
    regex: { $PARAMETER: 'district' },
  });
  await add('expect_column_values_to_be_between', {
    column: 'kafka_offset',
    max_value: { $PARAMETER: 'youngest' },
  });
  await add('expect_column_max_to_be_between', { column: 'kafka_offset', max_value: 10 });
  await add('expect_column_most_common_value_to_be_in_set', { column: 'terminal_id', value_set: ['T1'] });
  await add('expect_column_distinct_values_to_be_in_set', { column: 'payment_method', value_set: ['CASH'] });
  await add('expect_column_value_lengths_to_be_between', { column: 'customer_id', max_value: 1 });
  await add('expect_column_values_to_be_in_set', {
    column: 'payment_method',
    value_set: ['CASH'],
    row_condition: {
      type: 'comparison',
      column: { name: 'terminal_id' },
      operator: '!=',
      parameter: CANARIES.suiteMail,
    },
  });
  await add('unexpected_rows_expectation', {
    unexpected_rows_query: 'select terminal_id::integer from {batch}',
  });
  await add('unexpected_rows_expectation', {
    unexpected_rows_query: 'select customer_id, payment_method from {batch} where length(terminal_id) > 3',
  });
  await add('expect_query_results_to_match_comparison', {
    base_query: 'select terminal_id from {batch}',
    comparison_query: "select 'x'::text",
  });
}

/** An hour with everything in it. */
async function landHour(name: string, from: number): Promise<void> {
  await weir.land(name, [
    ...baskets(from, from + 8),
    ...[8, 9].map((more) => ({
      ...canaryBasket(from + more),
      [CANARIES.unknownField]: CANARIES.unknownField,
      kafka_offset: Number(CANARIES.maximum),
    })),
    { ...canaryBasket(from + 10), store_id: CANARIES.store },
    { ...canaryBasket(from + 11), total_amount: CANARIES.amount },
    `{"transaction_id": "${CANARIES.noJson}`,
    Buffer.from([0x7b, 0xff]).toString('latin1') + CANARIES.noText,
  ]);
}

async function ended(run: Run): Promise<'completed' | 'failed'> {
  return await run.result().then(
    () => 'completed' as const,
    () => 'failed' as const,
  );
}

/** Whether what is to be told is told: else a test that finds nothing might have looked at nothing. */
async function isTold(text: string): Promise<boolean> {
  return await until(() => worker.output().includes(text), {
    what: `the log has ${text}`,
    timeoutMs: 60_000,
  });
}

async function leaks(): Promise<readonly string[]> {
  return singing(await whatLeaves(weir, worker), CANARIES);
}

describe('what is planted in rows, files and suites', { timeout: 300_000 }, () => {
  it('is nowhere in histories, details, pages, logs, metrics, answers and the catalogue: held, retried, quarantined, overridden', async () => {
    const say = await sayOf(weir);
    await sayOfSuite(weir, 'transactions', { quarantine_share: 0.5 });
    await landHour(HOUR, 1);
    const run = await weir.run('hourly', { asOf: AS_OF });
    const held = await weir.heldVerdict('stg_transactions');
    await until(async () => (await weir.incidents()).length > 0, {
      what: 'somebody is paged',
      timeoutMs: 60_000,
    });
    const because = `asked ${CANARIES.reasonMail}, ${CANARIES.reasonPhone}: the till was broken`;
    expect((await say('gate', 'retry', held, '--reason', because)).code).toBe(0);
    await until(async () => (await readDecisions()).includes('retryGate'), {
      what: 'the retry is written down',
      timeoutMs: 60_000,
    });
    expect(await leaks()).toEqual([]);

    const again = await weir.heldVerdict('stg_transactions');
    const aside = await say('gate', 'quarantine', again, '--reason', because);
    expect([aside.out, aside.err, aside.code]).toEqual([expect.any(String), expect.any(String), 0]);
    expect(await ended(run)).toBe('completed');
    expect(await rowsOf('control.batch_quarantine')).toBeGreaterThan(0);
    expect(await rowsOf('control.quarantine')).toBeGreaterThan(0);
    expect(await leaks()).toEqual([]);
  });

  it('is not in what Postgres refuses either, nor in an override by hand of a held batch', async () => {
    const say = await sayOf(weir);
    await breakPublish();
    await landHour(HOUR, 1);
    const run = await weir.run('hourly', { asOf: AS_OF });
    const held = await weir.heldVerdict('stg_transactions');
    const refusal = await overrideInUi(run, held);
    expect(refusal).toContain('what looks like [e-mail]');
    const reason = `as ${CANARIES.reasonMail} said, published as it is`;
    expect((await say('gate', 'override', held, '--reason', reason, '--by', 'Ada')).code).toBe(0);
    expect(await ended(run)).toBe('failed');
    expect(await leaks()).toEqual([]);
    expect(await isTold('SQLSTATE 23514, constraint canary_check')).toBe(true);

    // The same rows are met again, and now pass their gate.
    await sayOfSuite(weir, 'transactions', { on_failure: 'continue' });
    for (const [select, sqlstate] of [
      ['terminal_id::integer::text as terminal_id', '22P02'],
      ['(1 / (length(terminal_id) - length(terminal_id)))::text as terminal_id', '22012'],
    ] as const) {
      await rewriteModel('\n  terminal_id,', `\n  ${select},`);
      expect(await ended(await weir.run('hourly', { asOf: AS_OF }))).toBe('failed');
      await rewriteModel(`\n  ${select},`, '\n  terminal_id,');
      expect(await isTold(`SQLSTATE ${sqlstate}`)).toBe(true);
    }
    expect(await leaks()).toEqual([]);
  });

  it('is found where it does leave: what a suite says itself, and what a run is started with', async () => {
    await addExpectation(weir, 'transactions', {
      type: 'expect_column_values_to_match_regex',
      kwargs: { column: 'terminal_id', regex: CANARIES.till },
    });
    await weir.land(HOUR, baskets(1, 9));
    const run = await weir.run('hourly', { asOf: AS_OF });
    await weir.heldVerdict('stg_transactions');
    await until(async () => (await weir.incidents()).length > 0, {
      what: 'somebody is paged',
      timeoutMs: 60_000,
    });
    const said = (await leaks()).map((one) => one.split(/\W/)[0]);
    expect(said).toEqual(expect.arrayContaining(['history', 'details', 'incident', 'catalogue', 'weir']));
    await run.terminate();

    await weir.temporal.client.workflow.start('hourlyIncrementalLoad', {
      taskQueue: weir.temporal.taskQueue,
      workflowId: `${weir.temporal.taskQueue}-leak`,
      args: [{ asOf: CANARIES.till }],
    });
    const places = await until(
      async () => {
        const found = await leaks();
        return found.some((one) => one.startsWith('log')) ? found : false;
      },
      { what: 'the leak is found', timeoutMs: 60_000 },
    );
    expect(places.map((one) => one.split(/\W/)[0])).toEqual(
      expect.arrayContaining(['history', 'log', 'weir']),
    );
    expect(places.every((one) => one.includes('till'))).toBe(true);
  });
});

/** Publish meets a constraint that rows with canaries break. */
async function breakPublish(): Promise<void> {
  await sql`alter table silver.stg_transactions add constraint canary_check check (terminal_id not like 'Canary%')`.execute(
    weir.database.admin,
  );
}

async function rewriteModel(from: string, to: string): Promise<void> {
  const file = path.join(weir.settings.modelsFolder, 'silver', 'stg_transactions.sql');
  const text = await readFile(file, 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${from} does not occur in ${file}`);
  await writeFile(file, changed);
}

/** As somebody does who types it into the Temporal UI. @returns the refusal. */
async function overrideInUi(run: Run, verdictId: string): Promise<string> {
  const reason = `${CANARIES.reasonMail} said that it is right`;
  return await run.executeUpdate('overrideGate', { args: [{ verdictId, reason, by: 'Ada' }] }).then(
    () => 'accepted',
    (error: Error) => (error.cause instanceof Error ? error.cause.message : error.message),
  );
}

async function readDecisions(): Promise<readonly string[]> {
  const rows = await weir.database.admin.selectFrom('control.decision').select('decision').execute();
  return rows.map(({ decision }) => decision);
}

async function rowsOf(table: 'control.batch_quarantine' | 'control.quarantine'): Promise<number> {
  return (await weir.database.admin.selectFrom(table).selectAll().execute()).length;
}
