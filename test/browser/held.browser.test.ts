import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { DecisionName } from '../../workflows/decisions.ts';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import type { Run, TestWeir } from '../setup/weir.ts';
import { inBrowser } from './in-browser.ts';
import {
  chooseUpdate,
  confirm,
  copyJson,
  openDetails,
  openRun,
  paste,
  resetTo,
  seeStatus,
  typeJson,
} from './run-page.ts';

const HOUR = 'transactions/2017-01-02T08.jsonl';
const OVER_LIMIT = basket(9, { total_amount: '100000.01' });

const REFUSED = /overrideGate refused: verdict .* does not stand.*what is held now: stg_transactions/;

/** An hour that is held, and its page opened. */
async function holdOneHour(page: Page, weir: TestWeir): Promise<{ run: Run; verdictId: string }> {
  await weir.loadDimensions();
  await weir.land(HOUR, [...baskets(1, 9), OVER_LIMIT]);
  const run = await weir.run('hourly', { asOf: AS_OF });
  const verdictId = await weir.heldVerdict('stg_transactions');
  await openRun(page, weir.temporal, run.workflowId);
  return { run, verdictId };
}

async function silverRows({ database }: TestWeir): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from silver.stg_transactions`.execute(
    database.admin,
  );
  return rows[0]?.n ?? -1;
}

async function decisions({ database }: TestWeir): Promise<unknown> {
  const { rows } =
    await sql`select decision, reason, decided_by from control.decision order by decision_id`.execute(
      database.admin,
    );
  return rows;
}

describe('a held gate, in the Temporal UI', () => {
  it(
    'tells what broke and what to press, and is released with the JSON from its page',
    inBrowser(async (page, weir) => {
      const { run, verdictId } = await holdOneHour(page, weir);
      await page
        .getByText(/HELD stg_transactions until .*1 of \d+ promises broken/)
        .first()
        .waitFor();
      await page
        .getByText(/PAGE stg_transactions/)
        .first()
        .waitFor();
      const details = await openDetails(page);
      await details.getByRole('row', { name: /stg_transactions HELD/ }).waitFor();
      await details.getByRole('row', { name: /fct_daily_sales waiting/ }).waitFor();
      await details.getByRole('row', { name: /expect_column_values_to_be_between.*1 of 9 rows/ }).waitFor();

      await weir.land(HOUR, baskets(1, 10));
      await copyJson(page, details, 'reloadAndRetry');
      const dialog = await chooseUpdate(page, 'reloadAndRetry');
      expect(JSON.parse(await paste(page, dialog))).toMatchObject({ verdictId });
      await confirm(dialog);
      await page.getByText('Update successful').waitFor();
      await seeStatus(page, 'Completed');
      expect(await run.result()).toMatchObject({
        models: { stg_transactions: { state: 'published', rows: 9 } },
      });
      expect(await silverRows(weir)).toBe(9);
      expect(await decisions(weir)).toMatchObject([{ decision: 'reloadAndRetry' }]);
    }),
  );

  it(
    'refuses a verdict that does not stand, and takes an override by name and reason',
    inBrowser(async (page, weir) => {
      await holdOneHour(page, weir);
      const details = await openDetails(page);
      await copyJson(page, details, 'overrideGate');
      const dialog = await chooseUpdate(page, 'overrideGate');
      const copied: unknown = JSON.parse(await paste(page, dialog));
      const decision = { ...Object(copied), reason: 'two real wholesale orders', by: 'Ada' };
      const stale = { ...decision, verdictId: crypto.randomUUID() };
      await typeJson(dialog, stale);
      await confirm(dialog);
      await dialog.getByRole('paragraph').getByText(REFUSED).waitFor();
      expect(await dialog.getByText('decisions.ts').count(), 'no stack trace below it').toBe(0);
      expect(await silverRows(weir)).toBe(0);

      await typeJson(dialog, decision);
      await confirm(dialog);
      await page.getByText('Update successful').waitFor();
      await seeStatus(page, 'Completed');
      expect(await silverRows(weir)).toBe(9);
      expect(await decisions(weir)).toEqual([
        { decision: 'overrideGate', reason: 'two real wholesale orders', decided_by: 'Ada' },
      ]);
    }),
  );

  it(
    'is reset to the event its page names, and does not replay the old decision',
    inBrowser(async (page, weir) => {
      const { verdictId } = await holdOneHour(page, weir);
      const details = await openDetails(page);
      const named = /reset this run to event (\d+)/.exec(await details.locator('body').innerText());
      await copyJson(page, details, 'retryGate');
      expect(await sendCopied(page, 'retryGate')).toBe(verdictId);
      await until(async () => (await gateRuns(weir)) === 2, {
        what: 'the gate was asked again',
        timeoutMs: 60_000,
      });

      await page.getByTestId('history-tab').click();
      await resetTo(page, Number(named?.[1]), 'the limit was raised');
      await page.getByTestId('workflow-reset-alert').getByRole('link', { name: 'here' }).click();
      // Temporal applies the old update again: it answers a verdict that does not stand.
      const again = await weir.heldVerdict('stg_transactions', verdictId);
      await page
        .getByText(/HELD stg_transactions until/)
        .first()
        .waitFor();
      expect(await gateRuns(weir)).toBe(3);
      expect(await decisions(weir)).toMatchObject([{ decision: 'retryGate' }]);
      expect(await silverRows(weir)).toBe(0);

      await copyJson(page, await openDetails(page), 'overrideGate');
      const why = { reason: 'two real wholesale orders', by: 'Ada' };
      expect(await sendCopied(page, 'overrideGate', why)).toBe(again);
      await seeStatus(page, 'Completed');
      expect(await silverRows(weir)).toBe(9);
      expect(await decisions(weir)).toMatchObject([{ decision: 'retryGate' }, { decision: 'overrideGate' }]);
    }),
  );
});

async function gateRuns({ database }: TestWeir): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from control.gate_run where model = 'stg_transactions'`.execute(database.admin);
  return rows[0]?.n ?? -1;
}

/** Sends what was copied, with some of it written over; answers the verdict that it was about. */
async function sendCopied(page: Page, update: DecisionName, changes: object = {}): Promise<string> {
  const dialog = await chooseUpdate(page, update);
  const copied: unknown = JSON.parse(await paste(page, dialog));
  const decision = { ...Object(copied), ...changes };
  await typeJson(dialog, decision);
  await confirm(dialog);
  await page.getByText('Update successful').waitFor();
  return decision.verdictId;
}
