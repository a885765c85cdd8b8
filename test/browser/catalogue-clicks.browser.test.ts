import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { serveWeir } from '../setup/catalogue.ts';
import type { Run, TestWeir } from '../setup/weir.ts';
import { countClicks } from './count-clicks.ts';
import { inBrowser } from './in-browser.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';

/** The demo's bad hour in small: each trouble breaks one promise. */
const BAD_HOUR = [
  ...baskets(1, 21),
  basket(1, { total_amount: '2.00' }),
  basket(21, { store_id: null }),
  basket(22, { store_id: 'STORE_99999' }),
  basket(23, { total_amount: '250000.00' }),
];

/** The four troubles, as the page of the gate run says them. */
const TROUBLES = [
  /transaction_id unique/,
  /store_id present/,
  /store_id one of 3 known values/,
  /total_amount between 0 and 100\s000/,
];

/** From the front page to why. */
const CLICKS = 3;

/** An hour that is held for four reasons, before a visitor who knows only the address of the catalogue. */
async function holdBadHour(weir: TestWeir): Promise<{ readonly run: Run; readonly verdictId: string }> {
  await weir.loadDimensions();
  await weir.land(HOUR, BAD_HOUR);
  const run = await weir.run('hourly', { asOf: AS_OF });
  return { run, verdictId: await weir.heldVerdict('stg_transactions') };
}

async function release(weir: TestWeir, { run, verdictId }: Awaited<ReturnType<typeof holdBadHour>>) {
  await weir.land(HOUR, baskets(1, 24));
  const decision = { verdictId, reason: 'The tills delivered the hour again', by: 'Ada' };
  await run.executeUpdate('reloadAndRetry', { args: [decision] });
  await run.result();
}

async function seeTroubles(page: Page, verdictId: string): Promise<void> {
  await page.getByRole('heading', { name: 'What broke' }).waitFor();
  expect(page.url()).toContain(`/gates/${verdictId}.html`);
  for (const trouble of TROUBLES) await page.getByRole('heading', { name: trouble }).first().waitFor();
}

/** A page that is served live may be a second old. */
async function reloadUntil(page: Page, what: string, isSo: () => Promise<boolean>): Promise<void> {
  await until(
    async () => {
      await page.reload();
      return await isSo();
    },
    { what, timeoutMs: 60_000 },
  );
}

/** What a page says to developers only when something is wrong with it. */
function complaints(page: Page): readonly string[] {
  const said: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(error.message));
  return said;
}

describe('whoever has only the address of the catalogue', () => {
  it(
    'finds why the bad hour was held within three clicks, while it is held and when it was released',
    inBrowser(async (page, weir) => {
      const held = await holdBadHour(weir);
      const catalogue = await serveWeir(weir);
      try {
        const said = complaints(page);
        const clicks = await countClicks(page.context());
        await page.goto(catalogue.url);
        await page.getByText(/Not everything is all right: stg_transactions is held/).waitFor();
        const card = page.getByRole('article').filter({ hasText: 'stg_transactions at its input gate' });
        for (const trouble of TROUBLES) await card.getByText(trouble).waitFor();
        await card.getByText(/4 models wait behind it/).waitFor();
        await card.getByRole('link', { name: /^Why it is held/ }).click();
        await seeTroubles(page, held.verdictId);
        await page.getByText(/Held since/).waitFor();
        expect(clicks()).toBeLessThanOrEqual(CLICKS);

        await release(weir, held);
        await page.goto(catalogue.url);
        const heldNow = page.getByRole('heading', { name: 'Held now' });
        await reloadUntil(page, 'nothing is held', async () => (await heldNow.count()) === 0);
        const before = clicks();
        const row = page.getByRole('row', { name: /stg_transactions input gate/ });
        await row.getByText(/reloaded by Ada/).waitFor();
        await row.getByRole('link', { name: /4 of \d+ promises broken/ }).click();
        await seeTroubles(page, held.verdictId);
        await page.getByText(/Ada/).first().waitFor();
        expect(clicks() - before).toBeLessThanOrEqual(CLICKS);
        expect(said).toEqual([]);
      } finally {
        await catalogue.close();
      }
    }),
  );

  it(
    'comes by way of the graph too: the held gate in it leads to the same page',
    inBrowser(async (page, weir) => {
      const { verdictId } = await holdBadHour(weir);
      const catalogue = await serveWeir(weir);
      try {
        const clicks = await countClicks(page.context());
        await page.goto(catalogue.url);
        await page.getByRole('link', { name: 'How they hang together' }).click();
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.locator(`a[href*="${verdictId}"]`).filter({ visible: true }).first().click();
        await seeTroubles(page, verdictId);
        expect(clicks()).toBeLessThanOrEqual(CLICKS);
      } finally {
        await catalogue.close();
      }
    }),
  );
});
