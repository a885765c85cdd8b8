import { defaultPayloadConverter } from '@temporalio/common';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decisionUpdates } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { keepHistory } from '../setup/histories.ts';
import { addExpectation, sayOfSuite } from '../setup/suite-file.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });
const REASON = 'the till was broken';

let weir: TestWeir;
beforeEach(async () => {
  weir = await testWeir({ ownFiles: true });
  await weir.loadDimensions();
});
afterEach(async () => {
  await weir.close();
});

async function silverIds(): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select transaction_id as id from silver.stg_transactions order by 1`.execute(weir.database.admin);
  return rows.map(({ id }) => id);
}

const good = baskets(1, 9).map(({ transaction_id: id }) => id);

async function setAside(): Promise<readonly { readonly id: string; readonly gate: string }[]> {
  const { rows } = await sql<{ id: string; gate: string }>`
    select record ->> 'transaction_id' as id, gate from control.batch_quarantine order by 1`.execute(
    weir.database.admin,
  );
  return rows;
}

/** The summaries of a run's activities, in order. */
async function timeline(run: Run): Promise<readonly string[]> {
  const { events } = await run.fetchHistory();
  return (events ?? []).flatMap(({ userMetadata }) => {
    const summary = userMetadata?.summary;
    return summary ? [String(defaultPayloadConverter.fromPayload(summary))] : [];
  });
}

/** What the Temporal UI shows of a run that waits. */
async function detailsOf(run: Run): Promise<string> {
  return await run.query('__temporal_workflow_metadata').then((metadata) => JSON.stringify(metadata));
}

async function incidentIs(status: string): Promise<string> {
  const incident = await until(
    async () => (await weir.incidents()).find((one) => one.status === status) ?? false,
    { what: `the incident is ${status}`, timeoutMs: 60_000 },
  );
  return incident.summary;
}

async function landBadHour(): Promise<Run> {
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
  return await weir.run('hourly', { asOf: AS_OF });
}

describe('a suite that says quarantine', () => {
  it('at its input gate: the bad row goes aside unasked, the rest is published, and what is critical pages', async () => {
    await sayOfSuite(weir, 'transactions', { on_failure: 'quarantine', quarantine_share: 0.2 });
    const run = await landBadHour();
    const { models } = await run.result();
    expect(models['stg_transactions']).toEqual({
      state: 'published',
      rows: 8,
      remarks: ['input gate: 1 row quarantined'],
    });
    expect(await silverIds()).toEqual(good);
    expect(await setAside()).toEqual([{ id: 'T000009', gate: 'input' }]);
    const summaries = await timeline(run);
    expect(summaries).toContain('quarantine stg_transactions · 1 row');
    expect(summaries).toContain('gate stg_transactions · input · suite transactions · 1 row quarantined');
    expect(summaries).toContain('publish stg_transactions · 8 rows · input gate: 1 row quarantined');
    expect(await incidentIs('triggered')).toContain('goes on without 1 row');
    await keepHistory('quarantine', run);

    await weir.land(
      'transactions/2017-01-02T09.jsonl',
      baskets(20, 22, { transaction_timestamp: '2017-01-02T09:15:00Z' }),
    );
    await (await weir.run('hourly', { asOf: '2017-01-02T10:00:00.000Z' })).result();
    await incidentIs('resolved');
    expect(await weir.incidents()).toHaveLength(1);
  });

  it('beside something critical that goes on: one page tells of both', async () => {
    await sayOfSuite(weir, 'transactions', { on_failure: 'quarantine', quarantine_share: 0.2 });
    await addExpectation(weir, 'transactions', {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'total_amount', max_value: 8 },
      meta: { weir: { on_failure: 'continue' } },
    });
    const { models } = await (await landBadHour()).result();
    expect(models['stg_transactions']).toMatchObject({
      rows: 8,
      remarks: ['input gate: 1 row quarantined', 'input gate: 1 of 9 promises broken, and goes on'],
    });
    const summary = await incidentIs('triggered');
    expect(summary).toContain('goes on without 1 row, which is in quarantine: 2 of 9 promises broken');
    expect(summary).toContain('total_amount between 0 and 100000');
    expect(summary).toContain('total_amount at most 8');
    expect(await weir.incidents()).toHaveLength(1);
  });

  it('at its output gate, where a warning is said to be quarantined: nobody is paged', async () => {
    await addExpectation(weir, 'stg_transactions', {
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'total_amount', max_value: 8 },
      severity: 'warning',
      meta: { weir: { on_failure: 'quarantine', quarantine_share: 0.5 } },
    });
    await weir.land(HOUR, baskets(1, 9));
    const { models } = await (await weir.run('hourly', { asOf: AS_OF })).result();
    expect(models['stg_transactions']).toMatchObject({
      rows: 7,
      remarks: ['output gate: 1 row quarantined'],
    });
    expect(await silverIds()).toEqual(good.slice(0, 7));
    expect(await setAside()).toEqual([{ id: 'T000008', gate: 'output' }]);
    expect(await weir.incidents()).toEqual([]);
  });

  it('of more rows than may go aside is held, and says so; a person may still decide it', async () => {
    await sayOfSuite(weir, 'transactions', { on_failure: 'quarantine', quarantine_share: 0.1 });
    const run = await landBadHour();
    const verdictId = await weir.heldVerdict('stg_transactions');
    expect(await setAside()).toEqual([]);
    expect(await detailsOf(run)).toContain(
      '1 of 9 rows break \\"total_amount between 0 and 100000\\", more than the 10 % that may be set aside unasked',
    );
    await run.executeUpdate(decisionUpdates.quarantineAndContinue, {
      args: [{ verdictId, reason: REASON, by: 'test' }],
    });
    expect((await run.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
    expect(await silverIds()).toEqual(good);
  });

  it('holds when the rest does not pass either: once is enough', async () => {
    await sayOfSuite(weir, 'transactions', { on_failure: 'quarantine', quarantine_share: 0.5 });
    await addExpectation(weir, 'transactions', {
      type: 'expect_column_value_z_scores_to_be_less_than',
      kwargs: { column: 'total_amount', threshold: 1, double_sided: true },
    });
    const run = await landBadHour();
    const verdictId = await weir.heldVerdict('stg_transactions');
    expect(await setAside()).toHaveLength(1);
    expect(await silverIds()).toEqual([]);
    await run.executeUpdate(decisionUpdates.abandon, { args: [{ verdictId, reason: REASON, by: 'test' }] });
    await expect(run.result()).rejects.toThrow();
    expect(await silverIds()).toEqual([]);
  });
});

describe('quarantineAndContinue', () => {
  it('is written down by name, sets the bad rows aside, and the rest passes', async () => {
    const run = await landBadHour();
    const verdictId = await weir.heldVerdict('stg_transactions');
    await incidentIs('triggered');
    await run.executeUpdate(decisionUpdates.quarantineAndContinue, {
      args: [{ verdictId, reason: REASON, by: 'test' }],
    });
    expect((await run.result()).models['stg_transactions']).toMatchObject({ state: 'published', rows: 8 });
    expect(await silverIds()).toEqual(good);
    expect(await setAside()).toEqual([{ id: 'T000009', gate: 'input' }]);
    const decisions = await weir.database.admin
      .selectFrom('control.decision')
      .select(['decision', 'decided_by', 'reason', 'verdict_id'])
      .execute();
    expect(decisions).toEqual([
      { decision: 'quarantineAndContinue', decided_by: 'test', reason: REASON, verdict_id: verdictId },
    ]);
    await incidentIs('resolved');
    await keepHistory('hold-quarantine', run);
  });

  it('is refused where something is about the table as a whole, which keeps holding', async () => {
    await addExpectation(weir, 'transactions', {
      type: 'expect_column_mean_to_be_between',
      kwargs: { column: 'total_amount', max_value: 100 },
    });
    await sayOfSuite(weir, 'transactions', { on_failure: 'quarantine', quarantine_share: 1 });
    const run = await landBadHour();
    const verdictId = await weir.heldVerdict('stg_transactions');
    const decision = run.executeUpdate(decisionUpdates.quarantineAndContinue, {
      args: [{ verdictId, reason: REASON, by: 'test' }],
    });
    await expect(decision).rejects.toMatchObject({
      cause: { message: expect.stringContaining('is about the table as a whole') },
    });
    expect(await setAside()).toEqual([]);
    await run.executeUpdate(decisionUpdates.abandon, { args: [{ verdictId, reason: REASON, by: 'test' }] });
    await expect(run.result()).rejects.toThrow();
  });
});

it('something critical whose data goes on holds nothing, pages, and stands in the result', async () => {
  await sayOfSuite(weir, 'transactions', { on_failure: 'continue' });
  const run = await landBadHour();
  const { models } = await run.result();
  expect(models['stg_transactions']).toMatchObject({
    state: 'published',
    rows: 9,
    remarks: ['input gate: 1 of 8 promises broken, and goes on'],
  });
  expect(await incidentIs('triggered')).toContain('goes on as it is: 1 of 8 promises broken');
  expect(await setAside()).toEqual([]);
  await keepHistory('continue', run);
});
