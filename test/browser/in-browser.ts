import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, inject, type TestContext } from 'vitest';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { root } from '../tools.ts';
import { launch } from './chromium.ts';
import { askAgainFor } from './lost-answers.ts';

/** How long one thing that should appear in a page may take to appear, on a busy machine. */
const APPEAR_MS = 60_000;

const PICTURES_OF_FAILURES = path.join(root, '.weir', 'test', 'screenshots');

let browser: Promise<Browser> | null = null;

/**
 * The steps of a test, in a page and with a Weir of its own: `it('…', inBrowser(async (page, weir) => …))`. Skipped, with
 * the reason, where there is no Chromium; a failed one leaves a picture of the page under `.weir/test/screenshots`.
 */
export function inBrowser(
  steps: (page: Page, weir: TestWeir) => Promise<void>,
  start: () => Promise<TestWeir> = testWeir,
) {
  return async ({ skip, task }: TestContext): Promise<void> => {
    const found = inject('chromium');
    if ('missing' in found) return skip(found.missing);
    browser ??= launch(found.path);
    const weir = await start();
    const page = await (
      await browser
    ).newPage({
      viewport: { width: 1400, height: 1000 },
      // The pager's stand-in has a certificate of its own making.
      ignoreHTTPSErrors: true,
    });
    page.setDefaultTimeout(APPEAR_MS);
    await askAgainFor(page);
    try {
      await steps(page, weir);
    } catch (error) {
      await keepPicture(page, task.name);
      throw error;
    } finally {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.close();
      await weir.close();
    }
  };
}

afterAll(async () => {
  await (await browser)?.close();
  browser = null;
});

async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES_OF_FAILURES, { recursive: true });
  const file = path.join(PICTURES_OF_FAILURES, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.png`);
  // The page may be what failed: its picture must not hide why.
  await page.screenshot({ path: file, fullPage: true }).catch(() => undefined);
}
