import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changedLately } from '../../../activities/page/changed-lately.ts';
import { gateFacts, runFacts } from '../../../activities/page/facts.ts';
import { pageGraph } from '../../../activities/page/lineage.ts';
import { folders } from '../shop.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { failingVerdict } from './verdict.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await fill();
});
afterAll(() => database.drop());

/** Ten weeks of an hour each of one model, and as much of others; suite, columns and SQL change two days ago. */
async function fill(): Promise<void> {
  await sql`
    insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline, as_of,
      sql_hash, columns_hash, opened_at, staged_at, published_at)
    select model, 'hourly', 'hourly-' || hour, 'run-' || hour, 'published', '{"kind": "arrival"}', '1', 1, at, 'h',
      case when at > now() - interval '2 days' then 'new' else 'old' end, at, at, at
    from unnest(array['stg_transactions', 'fct_daily_sales', 'stg_inventory']) as model,
      generate_series(1, 1700) as hour, lateral (select now() - make_interval(hours => 1701 - hour) as at) as times
    order by hour`.execute(database.admin);
  await sql`
    insert into control.gate_run (verdict_id, load_id, model, gate, suite, suite_hash, outcome, expectations_evaluated,
      expectations_failed, as_of, workflow_id, run_id, evaluated_at)
    select gen_random_uuid(), load_id, model, 'input', 'transactions',
      case when as_of > now() - interval '2 days' then 'new' else 'old' end, 'pass', 1, 0, as_of, workflow_id, run_id, as_of
    from control.load order by load_id`.execute(database.admin);
  await sql`
    insert into control.model_text (model, sql_hash, text, seen_at) values
      ('raw_transactions', 'a', '', now() - interval '60 days'), ('raw_transactions', 'b', '', now() - interval '1 day'),
      ('stg_transactions', 'a', '', now() - interval '60 days'), ('stg_transactions', 'b', '', now() - interval '30 days'),
      ('stg_inventory', 'a', '', now() - interval '1 hour')`.execute(database.admin);
  await sql`
    insert into control.source_drift (source, column_name, problem, mend, workflow_id, since) values
      ('raw_transactions', 'amount', 'column amount is text', 'm', 'w', now() - interval '3 hours')`.execute(
    database.admin,
  );
  await sql`analyze`.execute(database.admin);
}

test('what changed lately is told of the model and of what it is made of, and nothing else', async () => {
  const { above } = await pageGraph(folders);
  const found = await changedLately(database.databases.loader, 'stg_transactions', [
    ...above('stg_transactions'),
  ]);
  expect(found.map(({ what }) => what)).toEqual([
    'source raw_transactions: column amount is text',
    'SQL of raw_transactions',
    'suite transactions',
    'columns of stg_transactions',
  ]);
  expect(await changedLately(database.databases.loader, 'stg_inventory', ['stg_inventory'])).toEqual([
    { what: 'suite transactions', at: expect.any(Date) },
    { what: 'columns of stg_inventory', at: expect.any(Date) },
  ]);
  expect(await changedLately(database.databases.loader, null, [])).toEqual([]);
});

test('a page has the last good run, and the objectives that are missed while it waits', async () => {
  const graph = await pageGraph(folders);
  const downstream = graph.graph?.downstream.get('stg_transactions') ?? [];
  const verdict = failingVerdict({ verdictId: randomUUID(), loadId: 1 });
  const facts = await gateFacts(database.databases.loader, 'k', verdict, { ...graph, downstream });
  expect(facts.lastGood?.run).toEqual({ workflowId: 'hourly-1700', runId: 'run-1700' });
  expect(facts.objectives.map(({ model }) => model)).toEqual(
    expect.arrayContaining(['stg_transactions', 'fct_daily_sales']),
  );
  const [first] = facts.objectives;
  const due = (facts.lastGood?.publishedAt.getTime() ?? 0) + (first?.objectiveSeconds ?? 0) * 1000;
  expect(Math.abs((first?.missedAt.getTime() ?? 0) - due)).toBeLessThan(1000);
});

test('a failed run has the last good load of what failed; of its pipeline where that never was good', async () => {
  const graph = await pageGraph(folders);
  const run = { workflowId: 'hourly-1701', runId: 'run-1701' };
  const failed = { kind: 'runFailed', run, pipeline: 'hourly', failure: 'disk full' } as const;
  const factsOf = (relation: string) =>
    runFacts(database.databases.loader, 'k', { ...failed, relation }, graph);
  expect((await factsOf('fct_daily_sales')).lastGood).toMatchObject({ model: 'fct_daily_sales' });
  expect((await factsOf('stg_transactions')).lastGood).toMatchObject({ model: 'stg_transactions' });
  expect((await factsOf('raw_inventory')).lastGood).toMatchObject({ run: { workflowId: 'hourly-1700' } });
});
