import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { buildSite } from '../../catalogue/build.ts';
import type { Built } from '../../catalogue/build.ts';
import { looks } from '../../catalogue/looks.ts';
import { pageKinds } from '../../catalogue/pages.ts';
import type { CatalogueSource } from '../../catalogue/read-site.ts';
import { serveCatalogue } from '../../catalogue/serve.ts';
import type { Served } from '../../catalogue/serve.ts';
import { pageFolders } from '../../catalogue/site.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabase } from '../../workers/databases.ts';
import { launch } from '../browser/chromium.ts';
import { testWeir } from '../setup/weir.ts';
import type { TestWeir } from '../setup/weir.ts';
import { brokenLinks, crawl, isOutside } from './crawl.ts';
import type { CrawledPage } from './crawl.ts';
import { makeLively } from './lively-weir.ts';
import { mistakesIn } from './mistakes-in.ts';

/** What a page may weigh on the line, and what style and script may together. */
const [PAGE_BYTES, LOOKS_BYTES] = [60_000, 20_000];

/** Pages of each kind that are looked at in every theme and size: the list and the first few of it. */
const OF_A_KIND = 3;

const chromium = inject('chromium');
const folder = mkdtempSync(path.join(tmpdir(), 'weir-site-'));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let weir: TestWeir;
let held: string;
let source: CatalogueSource;
let built: Built;
let pages: readonly CrawledPage[];
let served: Served;
let browser: Browser | null = null;

beforeAll(async () => {
  weir = await testWeir();
  held = await makeLively(weir);
  const { modelsFolder, suitesFolder, temporalUiUrl } = weir.settings;
  source = {
    database: openDatabase(loginUrl(weir.database.adminUrl, 'weir_catalogue_reader'), 'test catalogue', 4),
    folders: { modelsFolder, suitesFolder },
    environment: weir.settings.environment,
    links: {
      temporalUi: temporalUiUrl,
      namespace: weir.temporal.namespace,
      repositoryUrl: 'https://example.com/weir',
    },
  };
  built = await buildSite({ source, folder });
  pages = crawl(folder);
  served = await serveCatalogue({ source, port: 0 });
  if ('path' in chromium) browser = await launch(chromium.path);
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await served?.close();
  await source?.database.destroy();
  await weir?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the site as files', () => {
  test('has a page of every kind, that of the held gate among them', async () => {
    expect(built.pages).toBe(pages.length);
    const files = pages.map(({ file }) => file);
    expect(pageKinds.map(({ folder }) => folder).toSorted()).toEqual([...pageFolders].toSorted());
    for (const kind of pageFolders) expect(files).toContain(path.join(kind, 'index.html'));
    expect(files).toContain(`gates/${held}.html`);
    expect(files).toContain('models/stg_transactions.html');
  });

  test('leads nowhere in vain: every link and every anchor is there', async () => {
    const others = (await looks()).map(({ file }) => file);
    expect(brokenLinks(pages, others)).toEqual([]);
    // The crawl follows what it should: links within the site and beyond it.
    expect(pages.flatMap(({ addresses }) => addresses).filter(isOutside).length).toBeGreaterThan(10);
  });

  test('is written without mistakes', async () => {
    const mistakes = await Promise.all(
      pages.map(async ({ file, text }) => (await mistakesIn(text)).map((mistake) => `${file}:${mistake}`)),
    );
    expect(mistakes.flat()).toEqual([]);
  });

  test('is light, and fetches nothing from elsewhere', async () => {
    for (const { file, gzippedBytes, text } of pages) {
      expect([file, gzippedBytes]).toEqual([file, expect.toSatisfy((bytes: number) => bytes < PAGE_BYTES)]);
      // Links lead elsewhere; nothing that a page shows comes from there.
      expect([file, text.match(/(?:src|@import|url\()\s*=?\s*["']?https?:/)]).toEqual([file, null]);
    }
    const weights = (await looks()).map(({ text }) => gzipSync(text).length);
    expect(weights.reduce((all, one) => all + one)).toBeLessThan(LOOKS_BYTES);
  });
});

const looksOfPages = [
  { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
] as const satisfies readonly BrowserContextOptions[];

describe.skipIf('missing' in chromium)('the site in a browser', () => {
  test('every page loads without an error, a refusal of its policy, or a request elsewhere', async () => {
    await inPage({}, async (page, troubles) => {
      for (const { file } of pages) await open(page, file);
      expect(troubles()).toEqual([]);
    });
  });

  test.each(looksOfPages)('axe finds nothing, and nothing is wider than the screen: %o', async (look) => {
    await inPage(look, async (page, troubles) => {
      const found: string[] = [];
      for (const file of fewOfEachKind()) {
        await open(page, file);
        const [violated, tooWide] = [await violations(page), await overflow(page)];
        found.push(...violated.map((one) => `${file}: ${one}`));
        if (tooWide !== 0) found.push(`${file} is ${String(tooWide)} px wider than the screen`);
      }
      expect(found).toEqual([]);
      expect(troubles()).toEqual([]);
    });
  });

  test('the keyboard gets past the navigation, and shows where it is', async () => {
    await inPage({}, async (page) => {
      await open(page, 'models/index.html');
      await page.keyboard.press('Tab');
      const skip = page.getByRole('link', { name: 'Skip to the page' });
      expect(await page.evaluate('document.activeElement.className')).toBe('skip');
      expect((await skip.boundingBox())?.x).toBeGreaterThanOrEqual(0);
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('page');
      await page.keyboard.press('Tab');
      expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);
      expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    });
  });

  test('a long table can be filtered, from the keyboard too', async () => {
    await inPage({}, async (page) => {
      await open(page, 'models/index.html');
      const rows = page.locator('tbody tr:visible');
      const before = await rows.count();
      await page.keyboard.press('/');
      await page.keyboard.type('stores hist');
      expect([before, await rows.count()]).toEqual([expect.any(Number), 1]);
      expect(await page.locator('output').first().textContent()).toBe(`1 of ${before}`);
    });
  });

  test('a command is copied as it stands', async () => {
    await inPage({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      await open(page, `gates/${held}.html`);
      const command = page.locator('.command').first();
      await command.getByRole('button', { name: 'Copy' }).click();
      await command.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
        await command.locator('code').textContent(),
      );
    });
  });

  test('without scripts every page is whole', async () => {
    await inPage({ javaScriptEnabled: false }, async (page) => {
      await open(page, 'models/stg_transactions.html');
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('stg_transactions');
      expect(await page.getByRole('table').count()).toBeGreaterThan(0);
    });
  });

  test('a site on a disk looks and works as one on a server', async () => {
    await inPage({}, async (page, troubles) => {
      await page.goto(`file://${folder}/index.html`);
      await page.getByRole('navigation', { name: 'Catalogue' }).getByRole('link', { name: 'Models' }).click();
      await page.getByRole('link', { name: 'stg_transactions', exact: true }).first().click();
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('stg_transactions');
      expect(await page.evaluate('getComputedStyle(document.body).maxWidth')).not.toBe('none');
      expect(troubles()).toEqual([]);
    });
  });
});

function fewOfEachKind(): readonly string[] {
  const files = pages.map(({ file }) => file);
  const few = pageFolders.flatMap((kind) =>
    files.filter((file) => path.dirname(file) === (kind === '' ? '.' : kind)).slice(0, OF_A_KIND),
  );
  const wanted = [`gates/${held}.html`, 'models/stg_transactions.html', 'suites/stg_transactions.html'];
  return [...new Set([...few, ...pageFolders.map((kind) => path.join(kind, 'index.html')), ...wanted])];
}

async function inPage(
  options: BrowserContextOptions,
  work: (page: Page, troubles: () => readonly string[]) => Promise<void>,
): Promise<void> {
  const context = await browser!.newContext(options);
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'log') troubles.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`${page.url()}: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(served.url) && !/^(data|file):/.test(url)) troubles.push(`asked for ${url}`);
  });
  try {
    await work(page, () => troubles);
  } finally {
    await context.close();
  }
}

async function open(page: Page, file: string): Promise<void> {
  const answer = await page.goto(`${served.url}/${file}`);
  expect([file, answer?.status()]).toEqual([file, 200]);
}

/** Every rule of WCAG 2.2 AA and axe's good practice. Beside the page's policy, as a tester's own tool. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const found: AxeResults['violations'] = await page.evaluate(
    async () => (await Reflect.get(globalThis, 'axe').run()).violations,
  );
  return found.map(
    ({ id, impact, nodes }) => `${id} (${impact}): ${nodes.map(({ html }) => html).join(' ')}`,
  );
}

/** How much wider the page is than the screen, in pixels. */
async function overflow(page: Page): Promise<unknown> {
  return await page.evaluate('document.documentElement.scrollWidth - innerWidth');
}
