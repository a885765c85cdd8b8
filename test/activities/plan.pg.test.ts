import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPlan } from '../../activities/plan.ts';
import { runDedupKey } from '../../activities/page/dedup-key.ts';
import { readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import type { Plan, PlanRequest, ScheduledSlot } from '../../models/plan.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { folders as shipped } from './shop.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

let root: string;
let folders: RepositoryFolders;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weir-repository-'));
  folders = { modelsFolder: join(root, 'models'), suitesFolder: join(root, 'suites') };
  const models = (path: string): boolean => !path.endsWith('.ts');
  await Promise.all([
    cp(shipped.modelsFolder, folders.modelsFolder, { recursive: true, filter: models }),
    cp(shipped.suitesFolder, folders.suitesFolder, { recursive: true }),
  ]);
});
afterEach(() => rm(root, { recursive: true, force: true }));

function plan(models?: readonly string[]): Promise<Plan> {
  const deps = { databases: database.databases, environment: 'test', folders };
  return createPlan(deps).plan({ pipeline: 'hourly', ...(models === undefined ? {} : { models }) });
}

async function change(file: string, from: string | RegExp, to: string): Promise<void> {
  const path = join(root, file);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(from);
  await writeFile(path, text.replace(from, to));
}

test('the shipped models are planned, the same each time', async () => {
  const { planHash, ...rest } = await plan();
  expect(planHash).toMatch(/^[0-9a-f]{64}$/);
  expect(await plan()).toEqual({ planHash, ...rest });
});

test('what each model said is kept by its hash, once', async () => {
  await plan(['stg_transactions']);
  await plan(['stg_transactions']);
  await change('models/silver/stg_transactions.sql', 'total_amount > 100000', 'total_amount > 90000');
  await plan(['stg_transactions']);
  const { rows } = await sql<{ text: string }>`
    select text from control.model_text where model = 'stg_transactions' order by seen_at`.execute(
    database.admin,
  );
  expect(rows.map(({ text }) => /total_amount > (\d+)/.exec(text)?.[1])).toEqual(['100000', '90000']);
});

test.each([
  ['SELECT', 'models/silver/stg_transactions.sql', 'total_amount > 100000', 'total_amount > 90000'],
  [
    'gate parameter',
    'models/silver/stg_transactions.sql',
    'max_staleness_minutes: 60',
    'max_staleness_minutes: 61',
  ],
  ['suite', 'suites/transactions.json', '100000', '100001'],
])('another %s is another plan, without a restart', async (_, file, from, to) => {
  const { planHash } = await plan();
  await change(file, from, to);
  expect((await plan()).planHash).not.toBe(planHash);
});

test.each([
  [
    'InvalidModel',
    'a header',
    'models/silver/stg_transactions.sql',
    'kind: incremental',
    'kind: incremetal',
    /stg_transactions\.sql:2: /,
  ],
  [
    'InvalidModel',
    'a reader',
    'models/bronze/raw_pos_events.sql',
    'reader: json_lines',
    'reader: carrier_pigeon',
    /^models\/bronze\/raw_pos_events\.sql:8: .*carrier_pigeon/,
  ],
  [
    'InvalidModel',
    'a reader’s settings',
    'models/bronze/raw_pos_events.sql',
    'folder: pos_events',
    'folder: ../etc',
    /^models\/bronze\/raw_pos_events\.sql:9: .*settings\.folder/,
  ],
  [
    'InvalidModel',
    'a suite’s name',
    'models/gold/fct_daily_sales.sql',
    'suite: fct_daily_sales',
    'suite: nothing',
    /^models\/gold\/fct_daily_sales\.sql:26: suite nothing does not exist/,
  ],
  [
    'InvalidSuite',
    'an expectation',
    'suites/transactions.json',
    'expect_column_values_to_be_unique',
    'expect_magic',
    /transactions\.json \/expectations\/\d+/,
  ],
  [
    'InvalidSuite',
    'a misspelt expectation, with the one that was meant',
    'suites/transactions.json',
    'expect_column_values_to_be_unique',
    'expect_column_values_to_be_uniqe',
    /^expectations\/suites\/transactions\.json \/expectations\/3\/type: .*expect_column_values_to_be_unique/,
  ],
  [
    'InvalidSuite',
    'a critical suite without a runbook',
    'suites/transactions.json',
    '"runbook": "docs/runbooks/gate-held.md"',
    '"runbook": null',
    /^expectations\/suites\/transactions\.json \/meta\/weir\/runbook: .*models\/silver\/stg_transactions\.sql/,
  ],
  [
    'InvalidSuite',
    'quarantine of what is about the table as a whole',
    'suites/transactions.json',
    /"severity": "critical",\s*"meta": \{\}\s*\}\s*\],/,
    '"meta": {"weir": {"on_failure": "quarantine"}}}],',
    /^expectations\/suites\/transactions\.json \/expectations\/7\/meta\/weir\/on_failure: .*table as a whole/,
  ],
  [
    'InvalidModel',
    'a word for what happens to the data',
    'models/silver/stg_transactions.sql',
    'suite: stg_transactions',
    'suite: stg_transactions\n    on_failure: stop',
    /^models\/silver\/stg_transactions\.sql:\d+: gates\.output\.on_failure must be .*hold.*quarantine.*continue/,
  ],
  [
    'InvalidSuite',
    'a bad argument',
    'suites/transactions.json',
    '"min_value": 0,',
    '"min_value": {"from": 0},',
    /^expectations\/suites\/transactions\.json \/expectations\/4\/kwargs\/min_value: /,
  ],
  [
    'InvalidSuite',
    'an argument that is none',
    'suites/transactions.json',
    '"min_value": 0,',
    '"minimum": 0,',
    /^expectations\/suites\/transactions\.json \/expectations\/4\/kwargs.*`?minimum/,
  ],
  [
    'InvalidSuite',
    'a missing parameter',
    'models/silver/stg_transactions.sql',
    /\n *valid_store_ids:.*/,
    '',
    /transactions\.json \/expectations\/\d+\/kwargs\/value_set: parameter `valid_store_ids` has no value/,
  ],
  [
    'InvalidSuite',
    'a parameter of no use',
    'models/silver/stg_transactions.sql',
    'min_rows: 1',
    'min_rows: 1\n      mni_rows: 1',
    /mni_rows/,
  ],
])('%s, not retryable, for %s', async (type, _, file, from, to, message) => {
  await change(file, from, to);
  await expect(plan()).rejects.toMatchObject({
    type,
    nonRetryable: true,
    message: expect.stringMatching(message),
  });
});

test('InvalidInput for a model that the pipeline does not have', async () => {
  await expect(plan(['dim_stores'])).rejects.toMatchObject({ type: 'InvalidInput', nonRetryable: true });
});

test('what was read is kept until a file changes, comes or goes', async () => {
  const first = await readRepository(folders);
  expect((await readRepository(folders)).graph).toBe(first.graph);
  await rm(join(root, 'models/semantic/daily_sales_by_region.sql'));
  const second = await readRepository(folders);
  expect(second.graph.byName.has('daily_sales_by_region')).toBe(false);
});

describe('the slot of a scheduled run that starts late', () => {
  const slot = { start: '2017-01-02T08:00:00.000Z', end: '2017-01-02T09:00:00.000Z', late: true };
  const interval = { start: slot.start, end: slot.end };

  function slotAgain(given: ScheduledSlot): Promise<Plan['slotAgain']> {
    const deps = { databases: database.databases, environment: 'test', folders };
    return createPlan(deps)
      .plan({ pipeline: 'hourly', slot: given })
      .then((planned) => planned.slotAgain);
  }

  async function published(slotEnd: string | null, state = 'published', pipeline = 'hourly'): Promise<void> {
    await sql`delete from control.load`.execute(database.admin);
    await sql`
      insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, as_of, sql_hash, slot_end)
      values ('stg_transactions', ${pipeline}, 'w', 'r', ${state}, '{"kind": "whole"}', '1', 1, now(), 'x', ${slotEnd})`.execute(
      database.admin,
    );
  }
  afterEach(() => sql`delete from control.load`.execute(database.admin));

  test('is read by event time where it or a later one has been published by arrival', async () => {
    expect(await slotAgain(slot)).toBeNull();
    await published('2017-01-02T09:00:00Z');
    expect(await slotAgain(slot)).toEqual(interval);
    expect(await slotAgain({ ...slot, late: false })).toBeNull();
    await published('2017-01-02T10:00:00Z', 'empty');
    expect(await slotAgain(slot)).toEqual(interval);
  });

  test('resolves no incident of a run that failed, nor does any other that reads the past; by arrival it does', async () => {
    const { plan: ask } = createPlan({ databases: database.databases, environment: 'test', folders });
    await published('2017-01-02T09:00:00Z');
    await database.admin
      .insertInto('control.incident')
      .values({
        ...{ dedup_key: runDedupKey('test', 'hourly'), state: 'open', kind: 'runFailed', model: null },
        ...{ suite: null, verdict_id: null, workflow_id: 'w', resolved_at: null },
      })
      .execute();
    const { rows } = await sql<{ id: number }>`select load_id as id from control.load`.execute(
      database.admin,
    );
    const resolves = async (more: Partial<PlanRequest>) =>
      (await ask({ pipeline: 'hourly', ...more })).incidentOpen;
    expect(await resolves({})).toBe(true);
    expect(await resolves({ slot: { ...slot, late: false } })).toBe(true);
    expect(await resolves({ slot })).toBe(false);
    expect(await resolves({ byTime: true })).toBe(false);
    expect(await resolves({ replay: rows[0]?.id ?? 0 })).toBe(false);
    await sql`delete from control.incident`.execute(database.admin);
  });

  test('is read by arrival where none of it has: after an outage, in another pipeline, after runs by hand', async () => {
    const others = [
      { slotEnd: '2017-01-02T08:00:00Z' },
      { slotEnd: '2017-01-02T09:00:00Z', state: 'abandoned' },
      { slotEnd: '2017-01-02T09:00:00Z', pipeline: 'daily' },
      { slotEnd: null },
    ];
    for (const { slotEnd, state, pipeline } of others) {
      await published(slotEnd, state, pipeline);
      expect(await slotAgain(slot)).toBeNull();
    }
  });
});
