import { parseHTML } from 'linkedom';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressesFrom } from '../../../catalogue/addresses.ts';
import { markupOf } from '../../../catalogue/html.ts';
import today from '../../../catalogue/pages/today.ts';
import { readGateRun } from '../../../catalogue/read/gate-run.ts';
import { readHolds } from '../../../catalogue/read/past-holds.ts';
import { readRuns } from '../../../catalogue/read/runs.ts';
import type { Site } from '../../../catalogue/site.ts';
import { loginUrl } from '../../../infra/local/logins.ts';
import { openDatabase } from '../../../workers/databases.ts';
import type { Database } from '../../../activities/databases.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { asked, decided, held, MODEL, opened, publish } from '../gate-runs.ts';
import { incident, look } from '../standings.ts';

const NOW = '2017-01-02T10:00:00Z';

let database: FreshDatabase;
let reader: Database;
let admin: Database;
let site: Site;
beforeEach(async () => {
  database = await freshDatabase();
  admin = database.admin;
  // As it is served: on the login that sees no row.
  reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 4);
  site = {
    ...(await look(reader, NOW)),
    links: { temporalUi: 'http://ui', namespace: 'test', repositoryUrl: null },
  };
});
afterEach(async () => {
  await reader.destroy();
  await database.drop();
});

async function page() {
  const made = await today.page({ ...site }, 'index', addressesFrom(0));
  const { document } = parseHTML(
    `<html><body>${markupOf([made?.lead ?? null, made?.body ?? null])}</body></html>`,
  );
  return {
    document,
    section: (id: string) => words(document.querySelector(`#${id}`)?.textContent ?? null),
    lead: words(document.querySelector('.verdict-line')?.textContent ?? null),
  };
}

function words(text: string | null): string | null {
  return text === null ? null : text.replaceAll(/\s+/g, ' ').trim();
}

describe('the front page', () => {
  it('of a Weir that never ran says so', async () => {
    expect((await page()).lead).toContain('Nothing has run yet.');
  });

  it('says what is held, since when, until when, why, and leads there', async () => {
    const { verdictId } = await asked(admin);
    await held(admin, verdictId);
    const { document, section, lead } = await page();
    expect(lead).toContain(
      'Not everything is all right: stg_transactions is held at its input gate since 09:00 UTC',
    );
    expect(lead).toContain('4 models wait behind it');
    expect(document.querySelector('.counts')?.textContent).toMatch(/4\s+of them\s+waiting/);
    const card = section('held');
    expect(card).toContain('3 of 8 promises broken in a batch of 57 rows; no reader sees any of it.');
    expect(card).toContain('store_id not null');
    expect(card).toContain('row count between 100 and 20 000 warning');
    // Twelve hours from when it began, where no page says otherwise.
    expect(card).toContain('21:00 UTC, in 11 h, as its pipeline usually has it');
    expect(card).toContain('fct_daily_sales');
    expect(document.querySelector('#held .press')?.getAttribute('href')).toBe(`gates/${verdictId}.html`);
  });

  it('has the end of a hold from what on-call was told', async () => {
    const { verdictId } = await asked(admin);
    await held(admin, verdictId);
    await sql`
      insert into control.incident (dedup_key, state, kind, model, suite, workflow_id, last_verdict_id, told)
      values ('weir/test/stg_transactions/transactions', 'open', 'gateHeld', ${MODEL}, 'transactions', 'w', ${verdictId},
        '{"details": {"hold_ends": "2017-01-02T10:30:00.000Z: the run fails as GateHeld"}}')`.execute(admin);
    expect((await page()).section('held')).toContain('10:30 UTC, in 30 min; then the run fails');
  });

  it('names other incidents of its environment beside, members of a storm once, and leaves out personal data', async () => {
    const since = '2017-01-02T09:50:00Z';
    const broken = 'amount between 0 and 100000: 1 of 24 rows outside; '.repeat(5);
    const summary = `stores failed: call 212-555-0123 now. ${broken}`;
    await incident(admin, { relation: 'dim_stores', since, summary });
    await incident(admin, { relation: 'dim_products', since });
    await incident(admin, { relation: 'raw_inventory', since, environment: 'another' });
    await sql`
      update control.incident set member_of = 'weir/test/dim_stores/runFailed' where relation = 'dim_products'`.execute(
      admin,
    );
    const { lead, section } = await page();
    expect(lead).toContain('Not everything is all right: 1 incident is open');
    const incidents = section('incidents');
    expect(incidents).toContain('stores failed: call [phone]');
    expect(incidents).toContain('1 of 24 rows outside; …');
    expect(incidents).toContain('and 1 more of the same cause');
    expect(incidents).not.toContain('raw_inventory');
  });

  it('has objectives the worst first, and says which burn and what is left', async () => {
    // Some minutes less than were counted: others may begin before the page is read.
    await sql`
      insert into control.objective_promise (kind, subject, target, objective_seconds, unit_seconds, since, measured_to)
      select 'freshness', subject, 0.99, 3600, 60, now() - interval '58 minutes', now()
      from unnest(array['dim_stores', 'fct_daily_sales']) as subject`.execute(admin);
    await sql`
      insert into control.objective_hour (kind, subject, hour, good, bad)
      values ('freshness', 'dim_stores', date_trunc('hour', now()), 60, 0),
        ('freshness', 'fct_daily_sales', date_trunc('hour', now()), 0, 648)`.execute(admin);
    await sql`
      insert into control.objective_alarm (alarm, subject, state, severity, since)
      values ('freshness', 'fct_daily_sales', 'raised', 'critical', '2017-01-02T09:00:00Z')`.execute(admin);
    const { document, lead, section } = await page();
    expect(lead).toContain('1 objective burns');
    const rows = [...document.querySelectorAll('#objectives tbody tr')].map((one) => words(one.textContent));
    expect(rows[0]).toContain('fct_daily_sales');
    expect(rows[0]).toMatch(/overspent by 50 %.*burns since 09:00 UTC/);
    expect(rows[1]).toMatch(/dim_stores.*100 %.*100 % left/);
    expect(section('objectives')).toContain('1 of 2 objectives burning or overspent.');
  });

  it('counts what waits in quarantine, by model and source', async () => {
    await sql`
      insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id, state, expires_at)
      select 'bronze.raw_transactions', 'f', 1, n, 'no JSON', 'CanaryRecord', 'w', case when n > 3 then 'released' else 'waiting' end,
        '2017-04-02T00:00:00Z'
      from generate_series(1, 5) as n`.execute(admin);
    const quarantine = (await page()).section('quarantine');
    expect(quarantine).toMatch(/raw_transactions 3 records that never became rows/);
    expect(quarantine).not.toContain('Canary');
  });
});

describe('holds of late', () => {
  const ends = async () =>
    (await readHolds(site)).map(({ end, decision, because }) => ({ end, by: decision?.by, because }));

  it('are one from the first verdict to what let the model go, whatever was asked between', async () => {
    const first = await asked(admin);
    await decided(admin, first.verdictId, 'retryGate', { at: '2017-01-02T09:05:00Z' });
    const second = await asked(admin, { at: '2017-01-02T09:05:01Z' });
    await decided(admin, second.verdictId, 'reloadAndRetry');
    await asked(admin, { at: '2017-01-02T09:10:03Z', outcome: 'pass' });
    const [hold, ...more] = await readHolds(site);
    expect(more).toEqual([]);
    expect(hold).toMatchObject({ end: 'passed', verdictId: second.verdictId, failed: 3 });
    expect([hold?.since, hold?.until]).toEqual([
      new Date('2017-01-02T09:00:00Z'),
      new Date('2017-01-02T09:10:03Z'),
    ]);
    const { section, document } = await page();
    expect(section('holds')).toContain('09:00 UTC to 09:10 10 min 3 s');
    expect(section('holds')).toContain('reloaded by Ada the till was in training mode, and passed');
    expect(document.querySelector('#holds td a')?.getAttribute('href')).toBe(
      `gates/${second.verdictId}.html`,
    );
    expect(section('held')).toBe(null);
  });

  it('that passed by themselves say what had changed', async () => {
    await asked(admin);
    await asked(admin, {
      at: '2017-01-02T09:04:00Z',
      outcome: 'pass',
      because: 'a file was delivered again',
    });
    expect(await ends()).toEqual([{ end: 'passed', by: undefined, because: 'a file was delivered again' }]);
    expect((await page()).section('holds')).toContain('passed by itself: a file was delivered again');
  });

  it.each([
    ['overrideGate', 'overridden', 'overridden by Ada'],
    ['abandon', 'abandoned', 'given up by Ada'],
  ] as const)('end with %s', async (decision, end, told) => {
    const { verdictId } = await asked(admin);
    await decided(admin, verdictId, decision);
    expect(await ends()).toEqual([{ end, by: 'Ada', because: null }]);
    expect((await page()).section('holds')).toContain(told);
  });

  it('stand as long as they do, and say when nobody decided or the run ended', async () => {
    const { verdictId } = await asked(admin);
    expect(await ends()).toMatchObject([{ end: 'ended' }]);
    await held(admin, verdictId);
    expect(await ends()).toMatchObject([{ end: 'held' }]);
    expect((await page()).section('holds')).toContain('still held');
    await sql`update control.lease set state = 'expired'`.execute(admin);
    expect(await ends()).toMatchObject([{ end: 'expired' }]);
  });

  it('stand while another run is given the model, for a day', async () => {
    const { verdictId } = await asked(admin, { loadId: await opened(admin, 'abandoned') });
    const passed = await asked(admin, { run: 'hourly/2', outcome: 'pass' });
    await publish(admin, passed.loadId);
    await sql`update control.load set workflow_id = 'hourly/2' where load_id = ${passed.loadId}`.execute(
      admin,
    );
    const verdict = async () => (await readGateRun(site, verdictId))?.fate.name;
    expect([await ends(), await verdict()]).toMatchObject([[{ end: 'ended' }], 'ended']);
    await sql`update control.load set gave_way_at = now() where state = 'abandoned'`.execute(admin);
    expect([await ends(), await verdict()]).toMatchObject([[{ end: 'held' }], 'underWay']);
    await sql`update control.load set gave_way_at = now() - interval '25 hours' where state = 'abandoned'`.execute(
      admin,
    );
    expect([await ends(), await verdict()]).toMatchObject([[{ end: 'ended' }], 'ended']);
  });

  it('are none where rows were set aside unasked: nobody waited', async () => {
    await asked(admin);
    await asked(admin, { at: '2017-01-02T09:00:01Z', outcome: 'pass' });
    expect(await ends()).toEqual([]);
  });

  it('are found by an index, however many gate runs there are', async () => {
    await sql`
      insert into control.gate_run (verdict_id, model, gate, suite, suite_hash, outcome, blocks, expectations_evaluated,
        expectations_failed, as_of, workflow_id, run_id)
      select gen_random_uuid(), 'm', 'input', 's', 'h', 'warn', false, 8, 1, now(), 'w' || n, 'r'
      from generate_series(1, 20000) as n`.execute(admin);
    await sql`analyze control.gate_run`.execute(admin);
    const { rows } = await sql<{ readonly 'QUERY PLAN': string }>`
      explain select * from control.gate_run where blocks order by evaluation_id desc limit 400`.execute(
      admin,
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Scan Backward');
  });
});

describe('runs of late', () => {
  const states = async () =>
    (await readRuns(site)).bars.map(({ state, workflowId, runs, troubled }) => ({
      state,
      workflowId,
      runs,
      troubled,
    }));
  const run = { workflowId: 'hourly/1', runs: 1 };

  it('stand as their models do, the gravest first', async () => {
    await publish(admin, await opened(admin));
    expect(await states()).toEqual([{ ...run, state: 'published', troubled: [] }]);
    await sql`
      insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
        as_of, sql_hash, opened_at)
      select 'stg_pos_events', pipeline, workflow_id, run_id, 'open', read_window, system_identifier, timeline, as_of,
        sql_hash, opened_at from control.load`.execute(admin);
    expect(await states()).toEqual([{ ...run, state: 'failed', troubled: ['stg_pos_events'] }]);
    await sql`
      insert into control.lease (model, workflow_id, run_id, state) values ('stg_pos_events', 'hourly/1', 'r', 'running')`.execute(
      admin,
    );
    expect(await states()).toEqual([{ ...run, state: 'running', troubled: [] }]);
    await sql`update control.lease set state = 'held'`.execute(admin);
    expect(await states()).toEqual([{ ...run, state: 'held', troubled: ['stg_pos_events'] }]);
  });

  it('count what was reloaded as it ended', async () => {
    await opened(admin, 'abandoned');
    await publish(admin, await opened(admin));
    expect(await states()).toEqual([{ ...run, state: 'published', troubled: [] }]);
  });

  it('whose model was given to another run hold it', async () => {
    await opened(admin, 'abandoned');
    expect(await states()).toMatchObject([{ state: 'failed' }]);
    await sql`update control.load set gave_way_at = now()`.execute(admin);
    expect(await states()).toMatchObject([{ state: 'held' }]);
  });

  it('begin with the first one where there is no day to show', async () => {
    await publish(admin, await opened(admin));
    const { from, to, runs } = await readRuns(site);
    expect({ from, to, runs }).toEqual({
      from: new Date('2017-01-02T08:59:00Z'),
      to: new Date(NOW),
      runs: 1,
    });
    expect((await readRuns({ ...site, at: new Date('2017-01-03T09:00:00Z') })).runs).toBe(0);
  });

  it('are there although they failed before they had opened a load', async () => {
    await sql`
      insert into control.incident (dedup_key, state, kind, pipeline, workflow_id, run_id, first_failed_at,
        last_workflow_id, last_run_id, last_failed_at)
      values ('weir/test/hourly', 'open', 'runFailed', 'hourly', 'hourly-8', 'r8', '2017-01-02T08:05:00Z', 'hourly-9', 'r9',
        '2017-01-02T09:05:00Z')`.execute(admin);
    const failed = { state: 'failed', runs: 1, troubled: [] };
    expect(await states()).toEqual([
      { ...failed, workflowId: 'hourly-8' },
      { ...failed, workflowId: 'hourly-9' },
    ]);
    const { document } = await page();
    expect(document.querySelector('#runs table a')?.getAttribute('href')).toBe(
      'http://ui/namespaces/test/workflows/hourly-9/r9/history',
    );
  });

  it('of every minute are drawn as few bars, and counted one by one', async () => {
    await sql`
      insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
        as_of, sql_hash, opened_at, published_at)
      select 'stg_transactions', 'minute', 'minute-' || n, 'r', case when n = 700 then 'abandoned' else 'published' end,
        '{}', 's', 1, now(), 'h', at, at + interval '2 s'
      from (select n, '2017-01-01T10:00:30Z'::timestamptz + n * interval '1 minute' as at from generate_series(0, 1438) as n) as each`.execute(
      admin,
    );
    const { bars, runs, counts } = await readRuns(site);
    expect(runs).toBe(1439);
    expect(counts).toMatchObject({ published: 1438, failed: 1 });
    expect(bars.length).toBeLessThan(100);
    expect(bars.find(({ state }) => state === 'failed')).toMatchObject({ workflowId: 'minute-700', runs: 1 });
  });
});
