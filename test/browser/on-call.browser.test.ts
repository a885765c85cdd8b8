import { sql } from 'kysely';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDocs, type Docs } from '../../infra/docs/server.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { countClicks } from './count-clicks.ts';
import { inBrowser } from './in-browser.ts';
import { detailsOf, seeStatus, sendByKeys } from './run-page.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });

/** What the issue allows from the incident to the release. */
const CLICKS = 5;

let docs: Docs;
beforeAll(async () => {
  docs = await startDocs();
});
afterAll(() => docs.stop());

/** A Weir whose pages link to its runbooks. */
const startWeir = () => testWeir({ repositoryUrl: docs.url });

/** An hour that is held, and the address of its incident: all that a responder is given. */
async function incidentOf(weir: TestWeir): Promise<string> {
  await weir.loadDimensions();
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
  await weir.run('hourly', { asOf: AS_OF });
  await weir.heldVerdict('stg_transactions');
  await until(async () => (await weir.incidents()).length === 1, {
    what: 'on-call is told',
    timeoutMs: 60_000,
  });
  const id = /"id":"(\w+)"/.exec((await weir.incidents())[0]?.text ?? '')?.[1];
  return `${weir.standIn.url}/incidents/${id}`;
}

/** Presses a link, and answers with the tab that it opens. */
async function follow(page: Page, link: string | RegExp): Promise<Page> {
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: link, exact: true }).first().click();
  return opened;
}

/** Copies the JSON that stands beside a decision on the incident's page. */
function copyDecision(page: Page, decision: string): Promise<void> {
  const card = page.locator('.card', { hasText: decision });
  return card.locator('.code', { hasText: 'verdictId' }).getByRole('button', { name: 'Copy' }).click();
}

describe('whoever has only the page of an incident', () => {
  it(
    'follows it to the runbook, the run, the failing expectations and the release within five clicks',
    inBrowser(async (page, weir) => {
      const incident = await incidentOf(weir);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const clicks = await countClicks(page.context());
      await page.goto(incident);
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toMatch(/stg_transactions held/);
      await weir.land(HOUR, baskets(1, 10));

      const runbook = await follow(page, 'Runbook');
      await runbook.getByRole('heading', { name: 'What to press' }).waitFor();
      expect(runbook.url()).toContain(`${docs.url}/docs/runbooks/gate-held.md`);
      await copyDecision(page, 'reloadAndRetry');
      const run = await follow(page, /what to press/);
      const details = await detailsOf(run);
      await details.getByRole('row', { name: /expect_column_values_to_be_between.*1 of 9 rows/ }).waitFor();
      await run.getByRole('button', { name: 'More Actions' }).filter({ visible: true }).click();
      await run.getByTestId('update-button').filter({ visible: true }).click();
      await sendByKeys(run, 'reloadAndRetry');

      await seeStatus(run, 'Completed');
      expect(clicks()).toBeGreaterThan(3);
      expect(clicks()).toBeLessThanOrEqual(CLICKS);
      await until(async () => (await weir.incidents())[0]?.status === 'resolved', {
        what: 'it is resolved',
        timeoutMs: 60_000,
      });
      await page.reload();
      await page
        .getByText(/^Resolved /)
        .first()
        .waitFor();
      const { rows } = await sql`select count(*)::int as n from silver.stg_transactions`.execute(
        weir.database.admin,
      );
      expect(rows).toEqual([{ n: 9 }]);
    }, startWeir),
  );

  it(
    'acknowledges it, reads it on a phone, and each of its links leads somewhere',
    inBrowser(async (page, weir) => {
      await page.goto(await incidentOf(weir));
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate('document.documentElement.scrollWidth'), 'nothing is cut off').toBe(390);
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByText('acknowledged', { exact: true }).first().waitFor();
      const links = await page
        .locator('.actions a')
        .evaluateAll((all) => all.map((one) => one.getAttribute('href') ?? ''));
      expect(links.length).toBeGreaterThanOrEqual(3);
      for (const link of links) {
        const answer = await page.request.get(link);
        expect(answer.status(), link).toBe(200);
      }
      expect(await weir.incidents()).toMatchObject([{ status: 'acknowledged' }]);
    }, startWeir),
  );
});
