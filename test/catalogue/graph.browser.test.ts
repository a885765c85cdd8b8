import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveCatalogue, type Served } from '../../catalogue/serve.ts';
import { folders } from '../activities/shop.ts';
import { loaded } from '../activities/sample/clockwork.ts';
import { launch } from '../browser/chromium.ts';
import { freshDatabase, type FreshDatabase } from '../setup/database.ts';
import { heldAt } from './standings.ts';

const chromium = inject('chromium');

let database: FreshDatabase;
let served: Served;
let verdictId: string;
let browser: Browser | null = null;

beforeAll(async () => {
  database = await freshDatabase();
  for (const model of ['stg_transactions', 'fct_daily_sales', 'dim_products_history'])
    await loaded(database.admin, { model, at: 100 });
  verdictId = await heldAt(database.admin, 'stg_transactions', new Date(Date.now() - 200_000).toISOString());
  served = await serveCatalogue({
    source: {
      database: database.admin,
      folders,
      environment: 'test',
      links: { temporalUi: null, namespace: 'test', repositoryUrl: null },
    },
    port: 0,
  });
  if ('path' in chromium) browser = await launch(chromium.path);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await served?.close();
  await database?.drop();
});

async function open(file: string, width = 1280): Promise<Page> {
  const page = await browser!.newPage({ viewport: { width, height: 900 } });
  await page.goto(`${served.url}/${file}`);
  return page;
}

describe.skipIf('missing' in chromium)('the graph in a browser', () => {
  test('every node is there, and what it says stands within it', async () => {
    const page = await open('graph/index.html');
    const [count, outside] = (await page.evaluate(`(() => {
      const nodes = [...document.querySelectorAll('svg.graph a.node')];
      const outside = nodes.flatMap((node) => {
        const box = node.querySelector('.box').getBoundingClientRect();
        return [...node.querySelectorAll('text, use')]
          .filter((one) => {
            const { left, right, top, bottom } = one.getBoundingClientRect();
            return left < box.left || right > box.right || top < box.top || bottom > box.bottom;
          })
          .map((one) => node.getAttribute('href') + ': ' + one.outerHTML);
      });
      return [nodes.length, outside];
    })()`)) as [number, readonly string[]];
    expect(count).toBe(19);
    expect(outside).toEqual([]);
    await page.close();
  });

  test('a screen reader hears links that say how models stand', async () => {
    const page = await open('graph/index.html');
    // Playwright's own roles do not know links of SVG; the browser's tree does.
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const links = nodes.filter(({ role }) => role?.value === 'link').map(({ name }): unknown => name?.value);
    const clock = String.raw`\d\d:\d\d UTC`;
    expect(links).toContainEqual(
      expect.stringMatching(
        `^stg_transactions, held since (\\d+ \\w+ (\\d{4} )?)?${clock}, 4 waiting behind · input gate`,
      ),
    );
    expect(links).toContain('input gate of stg_transactions: fail, suite transactions');
    await page.close();
  });

  test('the keyboard reaches a node and its gate, and sees where it is', async () => {
    const page = await open('graph/index.html');
    const node = page.locator('svg.graph a.node[href$="/stg_transactions.html"]');
    await node.focus();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/gates/${verdictId}.html`);
    await page.close();
  });

  test('from node to node, and on to the model', async () => {
    const page = await open('graph/index.html');
    await page.locator('svg.graph a.node[href$="/fct_daily_sales.html"]').click();
    await page.waitForURL('**/graph/fct_daily_sales.html');
    await page.locator('svg.graph a[aria-current]').click();
    await page.waitForURL('**/models/fct_daily_sales.html');
    await page.close();
  });

  test('on a phone the list comes before the drawing', async () => {
    const top = async (page: Page, selector: string) => (await page.locator(selector).boundingBox())?.y ?? 0;
    const [phone, desk] = [await open('graph/index.html', 390), await open('graph/index.html')];
    expect(await top(phone, '#list')).toBeLessThan(await top(phone, 'svg.graph'));
    expect(await top(desk, '#list')).toBeGreaterThan(await top(desk, 'svg.graph'));
    await Promise.all([phone.close(), desk.close()]);
  });
});
