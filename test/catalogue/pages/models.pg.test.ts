import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressesFrom } from '../../../catalogue/addresses.ts';
import models from '../../../catalogue/pages/models.ts';
import { readModelSummaries } from '../../../catalogue/read/model-summaries.ts';
import type { Site } from '../../../catalogue/site.ts';
import { loginUrl } from '../../../infra/local/logins.ts';
import { openDatabase } from '../../../workers/databases.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { modelMarkup, modelText } from '../model-page.ts';
import { seedYear } from '../seeded-year.ts';
import { heldAt, look } from '../standings.ts';

const MODEL = 'stg_transactions';
const HELD = 'stg_pos_events';
const VIEW = 'daily_sales_by_store';
/** Models that the ledger is full of beside ours: what reads it all would show. */
const OTHERS = 6;

let database: FreshDatabase;
let site: Site;
let heldBy: string;
beforeAll(async () => {
  database = await freshDatabase();
  const { admin } = database;
  await seedYear(admin, {
    model: MODEL,
    gates: { input: 'transactions', output: MODEL },
    delta: 'raw_transactions',
    hours: 3000,
  });
  for (let other = 0; other < OTHERS; other += 1)
    await seedYear(admin, {
      model: `other_${other}`,
      gates: { output: 'other' },
      delta: 'x',
      hours: 2000,
      measured: other < 2,
    });
  heldBy = await heldAt(admin, HELD, new Date().toISOString());
  await sql`insert into control.landing (source, file, revision, content_hash, size_bytes, modified_at, load_sequence, rows_landed,
      rows_rejected, workflow_id, landed_at)
    select 'raw_transactions', 'transactions/' || n || ' of anna.schmidt@example.com.jsonl', 1, 'h', 1000, now(), n, 100 + n, 2, 'w',
      now() - make_interval(hours => n) from generate_series(0, 20) as n`.execute(admin);
  await sql`insert into control.source_drift (source, column_name, problem, mend, workflow_id)
    values ('raw_products', 'brand', 'went away', 'Take it out of the header', 'w')`.execute(admin);
  await sql`insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
    select 'bronze.raw_transactions', 'x', 1, n, 'no record', '4111 1111 1111 1111', 'w' from generate_series(1, 3) as n`.execute(
    admin,
  );
  await sql`analyze`.execute(admin);
  // One connection, so that what it read can be asked of it.
  const reader = openDatabase(loginUrl(database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 1);
  const links = {
    temporalUi: 'http://ui',
    namespace: 'shop',
    repositoryUrl: 'https://example.org/blob/main/',
  };
  site = { ...(await look(reader, new Date().toISOString())), links };
}, 120_000);
afterAll(async () => {
  await site.database.destroy();
  await database.drop();
});

const markup = (id: string, of = site): Promise<string> => modelMarkup(of, id);
const read = (id: string): Promise<string> => modelText(site, id);

test('a page for every model and source, and none for what is none', async () => {
  const ids = await models.ids(site);
  expect(ids).toEqual(['index', ...site.repository.models.map(({ name }) => name)]);
  for (const id of ids) expect(await models.page(site, id, addressesFrom(1))).not.toBeNull();
  expect(await models.page(site, 'no_such_model', addressesFrom(1))).toBeNull();
});

describe('the list', () => {
  test('has what needs somebody first in each layer, with age, rows and verdicts', async () => {
    const text = await read('index');
    expect(text).toMatch(/1 held/);
    expect(text.indexOf(HELD)).toBeLessThan(text.indexOf('stg_inventory'));
    expect(text).toMatch(
      /stg_transactions silver fresh \d+ min[^o]*of 1 h 15 min [\d ]+ rows, \d+ min ago pass store-data 1/,
    );
    expect(text).toMatch(/stg_pos_events silver held input gate, suite transactions: 4 of 8 promises broken/);
    expect(text).toMatch(/inventory_realtime gold never run waiting/);
  });

  test('links the verdict that was no pass', async () => {
    expect(await markup('index')).toContain(`href="../gates/${heldBy}.html"`);
  });
});

describe('a model', () => {
  test('says what its header says, and what it stands between', async () => {
    const text = await read(MODEL);
    for (const words of [
      'one row is a transaction',
      'owner store-data',
      'unique key transaction_id',
      'event time transaction_timestamp',
      'at most 1 h 15 min old, 99 % of the time',
    ])
      expect(text).toContain(words);
    const html = await markup(MODEL);
    expect(html).toContain('href="https://example.org/blob/main/docs/runbooks/gate-held.md"');
    expect(html).toContain('href="https://example.org/blob/main/models/silver/stg_transactions.sql"');
    expect(html).toContain(`href="../graph/${MODEL}.html"`);
    expect(html).toContain('href="../models/fct_daily_sales.html"');
  });

  test('has columns with their types, marks and where they come from and go', async () => {
    const html = await markup(MODEL);
    expect(html).toContain('id="c-total_amount"');
    expect(html).toContain('numeric(12,2)');
    expect(html).toContain('href="../models/raw_transactions.html#c-total_amount"');
    expect(html).toContain('href="../models/fct_daily_sales.html#c-gross_sales"');
    expect(await read(MODEL)).toMatch(/customer_id personal text The household that bought it/);
    expect(await read('fct_daily_sales')).toContain('in the end raw_transactions.total_amount');
  });

  test('shows its gates by day, each linked to its suite and its bad verdicts', async () => {
    const html = await markup(MODEL);
    expect(html).toContain(`href="../suites/transactions.html#${MODEL}-input"`);
    expect(html).toContain(`href="../suites/${MODEL}.html#${MODEL}-output"`);
    expect(html.match(/class="day-strip"/g)).toHaveLength(2);
    const text = await read(MODEL);
    expect(text).toMatch(/pass 12 of 12 promises kept, 1 000 rows/);
    expect(text).toMatch(/\d{1,2} [A-Z][a-z]{2} \d{4} warn/);
  });

  test('shows its age against its objective, and what is left of the budget', async () => {
    const text = await read(MODEL);
    expect(text).toMatch(
      /99\.\d+ % of 30 days at most 1 h 15 min old; promised 99 %\. [\d.]+ % of the budget is left/,
    );
    const html = await markup(MODEL);
    expect(html).toContain('Last 24 hours');
    // Of the month every 23rd minute is looked at: which of them depends on the time of day.
    expect(html).toMatch(
      /aria-label="Age over time: at most (4 h 5\d min|5 h( \d+ min)?|6 h( \d min)?), \d+ minutes older than its objective"/,
    );
  });

  test('that is measured for minutes says since when, and shows those minutes', async () => {
    const { admin } = database;
    // The oldest of some minutes: the clock may have come to another one since the look began.
    await sql`insert into control.freshness_sample select 'stg_inventory', date_trunc('minute', now()) - make_interval(mins => n), least(600, 720 - n * 60), 4500, true
      from generate_series(0, 8) as n`.execute(admin);
    await sql`insert into control.objective_hour values ('freshness', 'stg_inventory', date_trunc('hour', now(), 'UTC'), 9, 0)`.execute(
      admin,
    );
    await sql`insert into control.objective_promise
      values ('freshness', 'stg_inventory', 0.99, 4500, 60, date_trunc('minute', now()) - interval '8 minutes', now())`.execute(
      admin,
    );
    const html = await markup('stg_inventory');
    expect(html).toMatch(
      /of the time since (\d+ [A-Z][a-z]{2} (\d{4} )?)?\d\d:\d\d UTC at most 1 h 15 min old/,
    );
    expect(html).not.toContain('Last 30 days');
    expect(html).toContain('aria-label="Age over time: at most 10 min, never older than its objective"');
  });

  test('has its last loads with windows in words, rows and runs, and a year of them', async () => {
    const text = await read(MODEL);
    expect(text).toContain('by arrival: what was new in raw_transactions');
    expect(await markup(MODEL)).toContain(
      'href="http://ui/namespaces/shop/workflows/hourly-3000/run-3000/history"',
    );
    expect(text).toMatch(/Rows by 2 d, since/);
    expect(text).toMatch(/Durations from opening to publish/);
  });

  test('says who may read it, as Postgres has it', async () => {
    await sql`drop role if exists catalogue_test_reader`.execute(database.admin);
    await sql`create role catalogue_test_reader`.execute(database.admin);
    try {
      await sql`grant select on gold.dim_stores to catalogue_test_reader`.execute(database.admin);
      const text = await read('dim_stores');
      expect(text).toContain('catalogue_test_reader granted by hand, but not the schema: it cannot');
      expect(text).toMatch(/weir_analytics_reader Weir’s login for readers/);
      await sql`grant usage on schema gold to catalogue_test_reader`.execute(database.admin);
      await sql`insert into control.role_grant (object, role_name) values ('gold.dim_stores', 'catalogue_test_reader')`.execute(
        database.admin,
      );
      expect(await read('dim_stores')).toContain('catalogue_test_reader its header says so');
      expect(await read(MODEL)).not.toContain('weir_analytics_reader');
    } finally {
      await sql`drop owned by catalogue_test_reader`.execute(database.admin);
      await sql`drop role catalogue_test_reader`.execute(database.admin);
    }
  });

  test('that is held says why, links its gate run, and names what waits behind it', async () => {
    const text = await read(HELD);
    expect(text).toMatch(/^ held since .*: input gate, suite transactions: 4 of 8 promises broken/);
    expect(text).toMatch(/2 models wait behind it: .*inventory_realtime .*inventory_alerts/);
    expect(await markup(HELD)).toContain(`href="../gates/${heldBy}.html">Gate run`);
    expect(await read('inventory_realtime')).toMatch(/waiting Nothing new comes until .*stg_pos_events/);
  });

  test('is shown while somebody alters its table', async () => {
    await database.admin.transaction().execute(async (trx) => {
      await sql`lock table silver.stg_transactions in access exclusive mode`.execute(trx);
      expect(await read(MODEL)).toContain('numeric(12,2)');
    });
  });

  test('knows its rows and size as Postgres counted them last', async () => {
    const { admin } = database;
    await sql`insert into gold.dim_stores (store_id, _xid) select n::text, pg_current_xact_id() from generate_series(1, 1234) as n`.execute(
      admin,
    );
    await sql`analyze gold.dim_stores`.execute(admin);
    expect(await read('dim_stores')).toMatch(/rows about 1\D?230 size about \d/);
    expect(await read(VIEW)).not.toContain(' size about');
  });

  test('links no verdict that a static site has no page of', async () => {
    const still = { ...site, hasPage: () => false };
    for (const id of ['index', MODEL, HELD]) expect(await markup(id, still)).not.toContain('href="../gates/');
  });

  test('that was never loaded shows what it will need', async () => {
    const text = await read('stg_inventory');
    expect(text).toContain('what it reads, which was never loaded either:');
    expect(text).toContain('npm run weir -- run hourly --models stg_inventory');
    expect(await read('raw_customers')).toContain('WEIR_SOURCE_CRM_URL');
  });

  test('whose SELECT has changed since it was published asks to be made anew', async () => {
    const { admin } = database;
    expect(await read(MODEL)).not.toContain('Its SELECT has changed');
    await sql`insert into control.target (model, sql_hash) values (${MODEL}, 'another')`.execute(admin);
    try {
      expect(await read(MODEL)).toContain(`npm run weir -- run hourly --full-refresh ${MODEL}`);
    } finally {
      await sql`delete from control.target`.execute(admin);
    }
  });

  test('that is a view has neither loads nor an age of its own', async () => {
    const html = await markup(VIEW);
    expect(html).not.toContain('id="loads"');
    expect(html).not.toContain('id="freshness"');
    expect(await read(VIEW)).toContain('None: It renames columns of gold.fct_daily_sales');
  });
});

describe('a source', () => {
  test('has its reader, settings, deliveries and what waits in quarantine; names of files are redacted', async () => {
    const text = await read('raw_transactions');
    expect(text).toContain('reader json_lines folder transactions record transaction_id');
    expect(text).toContain('transactions/0 of [e-mail]');
    expect(text).toContain('In quarantine: 3 records that never became rows');
    expect(text).not.toContain('4111');
    expect(text).not.toContain('anna');
  });

  test('shows what files brought over time, and of what is no file what its reader found', async () => {
    const html = await markup('raw_transactions');
    expect(html).toContain('What files brought, the latest stretches');
    expect(html).toMatch(/aria-label="Rows over time: [^"]+ rows written or set aside"/);
    expect(await read('raw_products')).toContain('Nobody has read it yet.');
  });

  test('says in what it is not what its header says', async () => {
    expect(await read('raw_products')).toMatch(
      /It is not what its header says since .*: brand went away\. Take it out of the header/,
    );
  });
});

describe('what pages read through', () => {
  /** Rows that were read of the books, by table: through whole tables, and by index. */
  async function rowsRead(): Promise<
    Readonly<Record<string, { readonly through: number; readonly byIndex: number }>>
  > {
    await sql`select pg_stat_force_next_flush()`.execute(site.database);
    await sql`select 1`.execute(site.database);
    const { rows } = await sql<{ name: string; through: number; byIndex: number }>`
      select relname as name, seq_tup_read as through, idx_tup_fetch as "byIndex" from pg_stat_user_tables
      where schemaname = 'control' and relname in ('load', 'gate_run', 'freshness_sample')`.execute(
      database.admin,
    );
    return Object.fromEntries(rows.map(({ name, ...counts }) => [name, counts]));
  }

  test('no table of the books is read whole', async () => {
    const before = await rowsRead();
    expect(Object.keys(before).toSorted()).toEqual(['freshness_sample', 'gate_run', 'load']);
    for (const id of ['index', MODEL, 'fct_daily_sales', HELD, 'raw_transactions']) await markup(id);
    const after = await rowsRead();
    for (const [name, { through }] of Object.entries(after))
      expect([name, through]).toEqual([name, before[name]?.through]);
  });

  test('the list reads a row of an index each, also of models that were never loaded', async () => {
    const names = site.repository.models.map(({ name }) => name);
    const before = await rowsRead();
    await readModelSummaries(site, names);
    const after = await rowsRead();
    for (const name of ['load', 'gate_run'])
      expect((after[name]?.byIndex ?? 0) - (before[name]?.byIndex ?? 0)).toBeLessThanOrEqual(
        2 * names.length,
      );
  });
});
