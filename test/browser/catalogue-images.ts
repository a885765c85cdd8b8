import type { Page } from 'playwright-core';

/** Keeps a picture of the window as it stands, so many pixels high and wide. */
export type Take = (page: Page, name: string, height: number, width?: number) => Promise<void>;

const WIDTH = 1240;

/** The catalogue while a gate holds: the front page, the graph, the gate run, the suite and the model. Ends on the front page. */
export async function takeCatalogue(page: Page, url: string, take: Take): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(url);
  const why = page.getByRole('link', { name: /^Why it is held/ });
  await why.waitFor();
  await take(page, 'catalogue-today', 1385, WIDTH);
  await take(page, 'catalogue-phone', 844, 390);
  await page.setViewportSize({ width: WIDTH, height: 1000 });
  await page.getByRole('link', { name: 'How they hang together' }).click();
  await page.locator('svg.graph').waitFor();
  await take(page, 'catalogue-graph', 900, WIDTH);
  await page.goto(url);
  await why.click();
  await page.getByRole('heading', { name: 'What broke' }).waitFor();
  await take(page, 'catalogue-gate', 1150, WIDTH);
  await page.goto(`${url}/suites/transactions.html`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await take(page, 'catalogue-suite', 1100, WIDTH);
  await page.goto(`${url}/models/stg_transactions.html`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await take(page, 'catalogue-model', 1250, WIDTH);
}
