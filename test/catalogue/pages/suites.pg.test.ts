import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addressesFrom } from '../../../catalogue/addresses.ts';
import { frame } from '../../../catalogue/frame.ts';
import { markupOf } from '../../../catalogue/html.ts';
import suites from '../../../catalogue/pages/suites.ts';
import type { Site } from '../../../catalogue/site.ts';
import { parseSuite } from '../../../expectations/suite.ts';
import { loginUrl } from '../../../infra/local/logins.ts';
import { isPublished } from '../../../models/model.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { mistakesIn } from '../mistakes-in.ts';
import { seedEvaluations, seedPromises, seedSuite } from '../promise-past.ts';
import { look } from '../standings.ts';

let database: FreshDatabase;
let site: Site;
beforeEach(async () => {
  database = await freshDatabase();
  const reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 2);
  site = await look(reader, new Date().toISOString());
});
afterEach(async () => {
  await site.database.destroy();
  await database.drop();
});

/** An hourly model whose input gate asked the suite of transactions for so many hours. */
async function seedPast(hours: number): Promise<void> {
  await seedEvaluations(database.admin, { model: 'stg_transactions', suite: 'transactions', hours });
  await seedSuite(database.admin, 'transactions');
}

/** How the newest evaluation ended. */
async function endedAs(outcome: 'fail' | 'error'): Promise<void> {
  await sql`update control.gate_run set outcome = ${outcome}, expectations_failed = 1, expectations_evaluated = ${outcome === 'error' ? 0 : 8}
    where evaluation_id = (select max(evaluation_id) from control.gate_run)`.execute(database.admin);
  // Nothing was asked where the gate could not be checked.
  if (outcome === 'error')
    await sql`delete from control.promise_result where evaluation_id = (select max(evaluation_id) from control.gate_run)`.execute(
      database.admin,
    );
}

async function page(id: string, of: Site = site): Promise<string> {
  const made = await suites.page(of, id, addressesFrom(1));
  if (made === null) throw new Error(`there is no page ${id}`);
  const document = frame({ site: of, kinds: [suites], folder: 'suites', id, page: made });
  expect(await mistakesIn(document)).toEqual([]);
  return markupOf([made.lead, made.body]);
}

/** A page as somebody reads it who hears it. */
function textOf(markup: string): string {
  return markup
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(' ,', ',');
}

/** The part of a promise, by its anchor. */
function promise(markup: string, anchor: string): string {
  return markup.split('<article').find((part) => part.includes(`id="${anchor}"`)) ?? '';
}

describe('a suite with a past', () => {
  test('each promise has its words, strip, line and where its bounds would have to be', async () => {
    await seedPast(400);
    await endedAs('fail');
    const markup = await page('transactions');
    const text = textOf(markup);
    expect(text).toContain('8 promises, asked by 1 gate');
    expect(text).toMatch(/The input gate of stg_transactions broke 1 of 8 promises/);
    expect(text).toContain('Asked of what stg_transactions reads as it landed, before its SELECT cleans it.');
    expect(text).toMatch(/fail 1 of 8 promises broken/);
    expect(markup).toMatch(/<li><a href="#p1">store_id present<\/a><\/li>/);

    // What the gate reads, and what its header gives it: without these the suite cannot be asked.
    expect(text).toMatch(
      /validate transactions --table bronze\.raw_transactions( --parameter \w+=\w+)* --parameter valid_store_ids=VALUES/,
    );
    expect(text).toContain(
      'In the place of VALUES, as JSON, what this gives: select store_id from gold.dim_stores',
    );

    const always = textOf(promise(markup, 'p0'));
    expect(always).toContain('held in all of the last 60');
    expect(always).toMatch(/every row kept it in 4\d\d evaluations of 30 days/);
    expect(promise(markup, 'p0')).not.toContain('class="plot"');

    const broken = textOf(promise(markup, 'p1'));
    expect(broken).toMatch(/broken since .*; held in 5\d of the last 60/);
    expect(promise(markup, 'p1')).toContain('class="plot"');
    expect(broken).toContain('"mostly": 0.9');

    const rows = textOf(promise(markup, 'p7'));
    expect(rows).toContain('rows between min_rows and max_rows');
    expect(rows).toMatch(/To hold 99 % of the time: at least [\d ]+, at most 15 /);
    expect(rows).toMatch(/In \d+ evaluations of the last 90 days it would have held 99 times in a hundred/);
    expect(rows).toContain('models/silver/stg_transactions.sql, gates.input.parameters');
    expect(rows).toMatch(/min_rows: \d+/);
    expect(textOf(promise(markup, 'p2'))).toContain('not asked yet');
  });

  test('of few evaluations nothing is said about one in a hundred', async () => {
    await seedPast(15);
    const markup = await page('transactions');
    expect(markup).toContain('held in all of the last 15');
    // A line of the last evaluations, where thirty days would have a dot in a corner.
    expect(promise(markup, 'p7')).toMatch(/<path d="M[^"]{80,}"/);
    expect(markup).not.toContain('99 %</summary>');
    expect(textOf(markup)).not.toContain('To hold 99 %');
  });

  test('a gate that could not be checked is told before anything else, and is in every strip', async () => {
    await seedPast(40);
    await endedAs('error');
    const markup = await page('transactions');
    expect(textOf(markup)).toMatch(/The input gate of stg_transactions could not be checked/);
    expect(promise(markup, 'p0')).toContain('class="unchecked"');
  });

  test('what a kind of promise names as it is written in a suite stands as code', async () => {
    await seedPast(15);
    const markup = await page('stg_transactions');
    expect(markup).toContain('<code>until_learned</code>');
    expect(textOf(markup)).not.toMatch(/`until_learned/);
  });

  test('verdicts without a page in a static site are no links', async () => {
    await seedPast(100);
    const links = /href="..\/gates\/[^"]*"/g;
    expect((await page('transactions')).match(links)?.length).toBeGreaterThan(200);
    const bare = await page('transactions', { ...site, hasPage: () => false });
    expect(promise(bare, 'p0').match(links)).toBeNull();
  });
});

test('a suite that two gates ask has a part for each, with anchors of their own', async () => {
  await seedPast(100);
  const models = site.repository.models.map((model) =>
    isPublished(model) && model.name === 'stg_transactions' && model.gates.output !== null
      ? { ...model, gates: { ...model.gates, output: { ...model.gates.output, suite: 'transactions' } } }
      : model,
  );
  const markup = await page('transactions', { ...site, repository: { ...site.repository, models } });
  expect(textOf(markup)).toContain('asked by 2 gates');
  for (const anchor of [
    'stg_transactions-input',
    'stg_transactions-output',
    'p3',
    'stg_transactions-output-p3',
  ])
    expect(markup).toContain(`id="${anchor}"`);
  expect(promise(markup, 'p0')).toContain('held in all');
  expect(promise(markup, 'stg_transactions-output-p0')).toContain('not asked yet');
});

test('a suite that no gate asks says so, and texts of people come without their addresses', async () => {
  const text = JSON.stringify({
    name: 'mine',
    notes: 'Ask jo@example.com.',
    expectations: [{ type: 'expect_column_values_to_not_be_null', kwargs: { column: 'a<b' } }],
  });
  const mine = parseSuite('expectations/suites/mine.json', text);
  const repository = { ...site.repository, suites: new Map([['mine', mine]]) };
  const markup = await page('mine', { ...site, repository });
  expect(markup).toContain('No gate asks this suite');
  expect(markup).toContain('a&lt;b present');
  expect(markup).not.toContain('jo@example.com');
  expect(await suites.page(site, 'mine', addressesFrom(1))).toBeNull();
});

test('what the suite promises no more and what the header asks beside it are named apart', async () => {
  await seedPast(60);
  await sql`update control.promise set type = 'expect_column_values_to_be_unique' where place = 4`.execute(
    database.admin,
  );
  // As the limit on how far a table may shrink: one more promise, at the end.
  await seedPromises(database.admin, { model: 'stg_transactions', gate: 'input', suite: 'transactions' }, [
    {
      ...{ place: 8, type: 'expect_table_row_count_to_be_between', column: null, unit: 'value' },
      ...{ observed: sql`5000`, lower: sql`4500` },
    },
  ]);
  const markup = await page('transactions');
  expect(textOf(promise(markup, 'p4'))).toContain('not asked yet');
  expect(markup).toContain('total_amount expect_column_values_to_be_unique');
  expect(textOf(markup)).toContain('1 promise that the suite says no more');
  expect(textOf(markup)).toMatch(/rows at least 4 500 The table does not shrink by more than max_shrink of/);
});

describe('the list', () => {
  test('the worst comes first, with the promise that broke most', async () => {
    await seedPast(100);
    await endedAs('fail');
    const text = textOf(await page('index'));
    expect(text).toMatch(/12 suites with \d+ promises; 1 did not pass when asked last/);
    expect(text).toMatch(/suite last verdict asked by breaks most promises owner transactions fail/);
    expect(text).toMatch(/total_amount between 0 and 100 000 broken 7 of 100 times/);
  });

  test('before anything ran every suite is there, and nothing is claimed', async () => {
    const text = textOf(await page('index'));
    for (const name of site.repository.suites.keys()) expect(text).toContain(` ${name} not asked yet`);
    expect(await suites.ids(site)).toEqual(['index', ...site.repository.suites.keys()]);
  });
});
