import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseHTML } from 'linkedom';
import { addressesFrom } from '../../../catalogue/addresses.ts';
import { markupOf } from '../../../catalogue/html.ts';
import graph from '../../../catalogue/pages/graph.ts';
import { troubleNotice } from '../../../catalogue/pages/graph/held.ts';
import type { ModelStanding } from '../../../catalogue/read/model-states.ts';
import type { Site } from '../../../catalogue/site.ts';
import { loaded, minute } from '../../activities/sample/clockwork.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { heldAt, judged, look } from '../standings.ts';

let database: FreshDatabase;
let site: Site;
let verdictId: string;
let passed: string;
beforeAll(async () => {
  database = await freshDatabase();
  for (const model of ['stg_transactions', 'fct_daily_sales', 'stg_inventory'])
    await loaded(database.admin, { model, at: 185 });
  passed = await judged(database.admin, { model: 'fct_daily_sales', at: minute(186) });
  verdictId = await heldAt(database.admin, 'stg_transactions', minute(130));
  site = await look(database.admin, minute(200));
});
afterAll(() => database.drop());

const WAITING = [
  'daily_sales_by_region',
  'daily_sales_by_store',
  'fct_daily_sales',
  'monthly_sales_by_region',
];

async function page(id: string, of: Site = site) {
  const made = await graph.page(of, id, addressesFrom(1));
  const { document } = parseHTML(`<html><body>${markupOf(made?.body ?? null)}</body></html>`);
  return document;
}

type Document = Awaited<ReturnType<typeof page>>;

/** The links of a drawing, by the first half of what each is called: `dim_stores, never run`. */
function links(document: Document, which: string): ReadonlyMap<string, string> {
  return new Map(
    [...document.querySelectorAll(`svg.graph a.${which}`)].map((one) => [
      one.querySelector('title')?.textContent?.split(' · ')[0] ?? '',
      one.getAttribute('href') ?? '',
    ]),
  );
}

it('shows every model, source and view as a link that says how it stands, and every edge', async () => {
  const { models, graph: all } = site.repository;
  const document = await page('index');
  const nodes = links(document, 'node');
  expect([...nodes.values()].toSorted()).toEqual(
    models
      .map(({ name }) => `${name}.html`)
      .toSorted()
      .map((one) => `../graph/${one}`),
  );
  expect(nodes.get('stg_transactions, held since 02:10 UTC, 4 waiting behind')).toBe(
    '../graph/stg_transactions.html',
  );
  expect(nodes.has('fct_daily_sales, fresh, waits behind stg_transactions')).toBe(true);
  expect(nodes.has('dim_stores, never run')).toBe(true);
  expect(document.querySelectorAll('svg.graph path.edge')).toHaveLength(
    [...all.upstream.values()].flat().length,
  );
});

it('a held gate shows everything behind it: on nodes, on edges and in words, with a link to its run', async () => {
  const document = await page('index');
  const waits = [...document.querySelectorAll('svg.graph a.waits .name')].map((one) => one.textContent);
  expect(new Set(waits)).toEqual(new Set(WAITING));
  // From what is held, and from what waits, to what waits: nothing else.
  expect(document.querySelectorAll('svg.graph path.edge.waiting')).toHaveLength(4);
  const told = document.querySelector('.notice.bad');
  const named = [...(told?.querySelectorAll('.model-links a') ?? [])].map((one) => one.textContent);
  expect(new Set(named)).toEqual(new Set(WAITING));
  expect(told?.querySelector(`a[href="../gates/${verdictId}.html"]`)).not.toBeNull();
});

it('gates stand at the models that they guard, with their last verdict and a link to it', async () => {
  const document = await page('index');
  expect(links(document, 'gate')).toEqual(
    new Map([
      ['input gate of stg_transactions: fail, suite transactions', `../gates/${verdictId}.html`],
      ['output gate of fct_daily_sales: pass, suite fct_daily_sales', `../gates/${passed}.html`],
    ]),
  );
  const silent = [...document.querySelectorAll('svg.graph g.gate.never title')].map((one) => one.textContent);
  expect(silent).toContain('output gate of dim_stores: has not judged yet');
});

it('a page of one model has what it is built from and what is built from it, and leads to the model', async () => {
  const document = await page('dim_products');
  const nodes = links(document, 'node');
  expect([...nodes.values()].toSorted()).toEqual([
    '../graph/dim_products_history.html',
    '../graph/inventory_alerts.html',
    '../graph/raw_products.html',
    '../models/dim_products.html',
  ]);
  expect(document.querySelectorAll('svg.graph [aria-current]')).toHaveLength(1);
  expect(document.querySelector('#upstream')?.textContent).toContain('raw_products');
  expect(document.querySelector('#downstream')?.textContent).toContain('inventory_alerts');
  expect(document.querySelector('#downstream')?.textContent).not.toContain('fct_daily_sales');
});

it('names what failed or is late, but not what a held gate explains', async () => {
  const made = await page('index', await look(database.admin, minute(400)));
  const told = [...made.querySelectorAll('.notice.warn a')].map((one) => one.textContent);
  expect(told).toEqual(['stg_inventory']);
});

it('the page of a model that waits says behind what', async () => {
  const document = await page('daily_sales_by_store');
  expect(document.querySelector('.notice.bad')?.textContent).toContain('stg_transactions');
  expect((await page('dim_products')).querySelector('.notice.bad')).toBeNull();
});

it('the list has every model, and for each what it reads', async () => {
  const document = await page('index');
  const items = [...document.querySelectorAll('ul.layers > li > ul > li')];
  expect(items).toHaveLength(site.repository.models.length);
  const item = items.find((one) => one.querySelector('a')?.textContent === 'fct_daily_sales');
  expect(item?.textContent).toMatch(/reads dim_stores, stg_transactions/);
});

it('links no gate run that a static site has no page of', async () => {
  const document = await page('index', { ...site, hasPage: () => false });
  expect(document.querySelector('a[href*="gates/"]')).toBeNull();
  expect(document.querySelectorAll('svg.graph g.gate.fail')).toHaveLength(1);
});

it('has a page for every model and for nothing else', async () => {
  expect(await graph.ids(site)).toEqual(['index', ...site.repository.models.map(({ name }) => name)]);
  expect(await graph.page(site, 'no_such_model', addressesFrom(1))).toBeNull();
});

it('names a dozen that are late and leads to the others: a hundred would hide the drawing', () => {
  const late: ModelStanding = {
    ...{ state: 'late', since: null, why: 'too old', waitingBehind: [], verdictId: null },
    ...{ ageSeconds: 9000, objectiveSeconds: 4500 },
  };
  const names = Array.from({ length: 40 }, (_, index) => `model_${String(index)}`);
  const look = { to: addressesFrom(1), states: new Map(names.map((name) => [name, late])) };
  const markup = markupOf(troubleNotice(look, names));
  expect(markup.match(/model_\d+<\/a>/g)).toHaveLength(12);
  expect(markup).toMatch(/and <a href="..\/models\/index.html">28 more<\/a>/);
});
