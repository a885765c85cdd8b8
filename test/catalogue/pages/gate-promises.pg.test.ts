import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addressesFrom } from '../../../catalogue/addresses.ts';
import { markupOf } from '../../../catalogue/html.ts';
import gates from '../../../catalogue/pages/gates.ts';
import { openGatePages, type GatePages } from '../gate-pages.ts';
import { asked, counted, decided, held, MODEL } from '../gate-runs.ts';

let pages: GatePages;
let database: GatePages['database'];
let read: GatePages['read'];
let site: GatePages['site'];
beforeEach(async () => {
  pages = await openGatePages('2017-01-02T10:00:00Z');
  ({ database, read, site } = pages);
});
afterEach(() => pages.close());

describe('what broke', () => {
  const noStore = { place: 0, column: 'store_id', type: 'expect_column_values_to_not_be_null' };

  test('each promise has what was found, what was expected, its share, and its past until then', async () => {
    const { admin } = database;
    for (const hour of ['05', '06', '07', '08']) {
      const before = await asked(admin, { at: `2017-01-02T${hour}:00:00Z`, outcome: 'pass' });
      await counted(admin, before.evaluationId, {
        ...noStore,
        outcome: 'held',
        rows: [0, 60],
        bounds: [1, null],
      });
    }
    const { verdictId, evaluationId } = await asked(admin);
    await counted(admin, evaluationId, { ...noStore, rows: [1, 57], bounds: [1, null] });
    const rowCount = { place: 7, column: null, type: 'expect_table_row_count_to_be_between' };
    await counted(admin, evaluationId, {
      ...rowCount,
      severity: 'warning',
      observed: 57,
      bounds: [100, 20_000],
    });
    await counted(admin, evaluationId, { place: 2, column: 'x', type: 't', outcome: 'held', rows: [0, 57] });
    const later = await asked(admin, { at: '2017-01-02T09:50:00Z', outcome: 'pass' });
    await counted(admin, later.evaluationId, {
      ...noStore,
      outcome: 'held',
      rows: [0, 99],
      bounds: [1, null],
    });

    const { text } = await read(verdictId);
    expect(text).toContain(
      '3 of 8 promises broken in a batch of 57 rows: store_id not null (1.75 % of rows)',
    );
    expect(text).toMatch(
      /observed 1 of 57 rows broke it \(1\.75 %\) expected all rows keep it severity critical if it breaks what the suite said then/,
    );
    expect(text).toContain('if it breaks the batch waits, unseen row count between 100 and 20 000');
    expect(text).toMatch(/row count between 100 and 20 000 observed 57 expected between 100 and 20 000/);
    // What came after it is no past of it.
    expect(text).toContain('held in 4 of the last 5');
    expect(text).toMatch(/Share of rows that keep it the last 5 gate runs, until this one/);
    expect(text).toContain('1 promise held');
  });

  test('what breaks it is counted where the whole gate is about nothing but its words', async () => {
    const { verdictId } = await asked(database.admin);
    const { text } = await read(verdictId);
    expect(text).toContain('total_amount between 0 and 100 000 observed not kept: see the full result');
  });
});

test('a bad day stays a light page: a hundred broken promises, and a verdict that was asked for half a day', async () => {
  const { admin } = database;
  const broken = Array.from({ length: 100 }, (_, place) => `critical c${place}: c${place} not null`);
  const first = await asked(admin, { broken, at: '2017-01-01T20:00:00Z' });
  for (let minute = 0; minute < 60; minute += 1) {
    const at = new Date(Date.UTC(2017, 0, 1, 20, minute + 1)).toISOString();
    const { evaluationId } = await asked(admin, { ...first, broken, at, because: `look ${minute}` });
    await sql`
      with known as (
        insert into control.promise (model, gate, suite, key, place, type, column_name, unit)
        select ${MODEL}, 'input', 'transactions', 'k' || n, n, 't', 'c' || n, 'share' from generate_series(0, 99) as n
        on conflict (model, gate, suite, key) do update set place = excluded.place returning promise_id
      )
      insert into control.promise_result (evaluation_id, evaluated_at, unexpected, elements, lower, promise_id, outcome, severity)
      select ${evaluationId}, ${at}, promise_id, 200, 1, promise_id, 'broken', 'critical' from known`.execute(
      admin,
    );
  }
  const page = await gates.page(site, first.verdictId, addressesFrom(1));
  const markup = markupOf([page?.lead ?? null, page?.body ?? null]);
  expect(gzipSync(markup).length).toBeLessThan(50_000);
  expect(markup).toContain('c99 not null');
  const { text } = await read(first.verdictId);
  expect(text).toContain('31 between the first and the others are left out.');
  expect(text).toContain('look 59');
  expect(text).not.toContain('look 20');
});

describe('the incident', () => {
  test('stands as it is now, with what became of each page about this verdict', async () => {
    const { admin } = database;
    const { verdictId } = await asked(admin);
    await held(admin, verdictId);
    const dedupKey = `weir/test/${MODEL}/transactions`;
    const told = {
      eventId: `${verdictId}/held`,
      details: { hold_ends: '2017-01-02T21:00:05.000Z: the run fails as GateHeld' },
    };
    await admin
      .insertInto('control.incident')
      .values({
        ...{ dedup_key: dedupKey, state: 'open', kind: 'gateHeld', model: MODEL, suite: 'transactions' },
        ...{ verdict_id: verdictId, last_verdict_id: verdictId, workflow_id: 'hourly/1', resolved_at: null },
        ...{ owner: 'store-data', told: JSON.stringify(told) },
      })
      .execute();
    const page = { dedup_key: dedupKey, notifier: 'pagerduty', action: 'trigger', attempts: 2 } as const;
    await admin
      .insertInto('control.page_delivery')
      .values([
        { ...page, event_id: `${verdictId}/held`, state: 'sent', status: 202, reason: null },
        {
          ...page,
          event_id: `${verdictId}/warned`,
          notifier: 'slack',
          state: 'failing',
          status: 500,
          reason: 'HTTP 500',
        },
        { ...page, event_id: 'another/held', state: 'sent', status: 202, reason: null },
      ])
      .execute();
    const { text } = await read(verdictId);
    expect(text).toContain('Decide by 21:00 UTC, in 11 h , or its run fails.');
    expect(text).toMatch(
      /state open since .* of this verdict opened by it severity critical failures 1 owner store-data/,
    );
    expect(text).toContain('held pagerduty sent after 2 attempts');
    expect(text).toContain('warned slack failing after 2 attempts: HTTP 500');
    expect(text.match(/pagerduty/g)).toHaveLength(1);
  });
});

test('the suite that was another at the gate run before, and what changed lately', async () => {
  const { admin } = database;
  await asked(admin, { at: '2017-01-02T08:00:00Z', outcome: 'pass', suiteHash: 'before' });
  const { verdictId } = await asked(admin);
  const { text } = await read(verdictId);
  expect(text).toContain('Its suite was not what it was at the gate run before.');
});

test('decisions say what was typed, without what is personal', async () => {
  const { verdictId } = await asked(database.admin);
  await decided(database.admin, verdictId, 'overrideGate', { reason: 'canary.person@example.com said so' });
  const { text } = await read(verdictId);
  expect(text).toContain('overrideGate Ada [e-mail] said so');
  expect(text).not.toContain('canary');
});

test('there is no page of a verdict that is none, nor of what is no id', async () => {
  const to = addressesFrom(1);
  expect(await gates.page(site, '00000000-0000-4000-8000-000000000000', to)).toBeNull();
  expect(await gates.page(site, "' or true --", to)).toBeNull();
});

describe('the list', () => {
  test('has what is held first, then what was no pass once a verdict, then every gate', async () => {
    const { admin } = database;
    const first = await asked(admin, { at: '2017-01-02T07:00:00Z', outcome: 'warn' });
    await asked(admin, { at: '2017-01-02T08:00:00Z', outcome: 'pass' });
    const holding = await asked(admin);
    await asked(admin, { ...holding, at: '2017-01-02T09:20:00Z' });
    await held(admin, holding.verdictId);
    const { text } = await read('index');
    expect(text).toContain('1 gate holds now. At their last run 0 of 1 gate passed.');
    expect(text).toContain(`${MODEL}: input gate held since 09:00 UTC`);
    expect(text).toMatch(
      /let their batch through.*input fail held now 09:20 UTC, 40 min ago 3 of 8 57 Lately warned/,
    );
    expect(text).toMatch(/the batch went on.*stg_transactions input warn went on 07:00 UTC/);
    expect(text).toMatch(/stg_transactions output never asked/);
    expect(await gates.ids(site)).toEqual(['index', holding.verdictId, first.verdictId]);
  });

  test('says so where no gate was ever asked', async () => {
    const { text } = await read('index');
    expect(text).toContain('No gate has held anything back so far.');
    expect(text).toContain('No gate has warned so far.');
    expect(await gates.ids(site)).toEqual(['index']);
  });
});
