import { expect, it } from 'vitest';
import { baskets } from '../setup/baskets.ts';
import { inBrowser } from './in-browser.ts';
import { fillStartForm, openDetails, seeStatus, start } from './run-page.ts';

it(
  'a run starts with {} from the Start Workflow form, and says what it did',
  inBrowser(async (page, weir) => {
    await weir.loadDimensions();
    // A run without an input judges by now: its rows are fresh, or the gate holds them.
    const now = new Date().toISOString();
    await weir.land(
      `transactions/${now.slice(0, 'YYYY-MM-DDTHH'.length)}.jsonl`,
      baskets(1, 9, { transaction_timestamp: now }),
    );
    const workflowId = `${weir.temporal.taskQueue}-by-hand`;
    await fillStartForm(page, weir.temporal, {
      workflowId,
      taskQueue: weir.settings.taskQueue,
      workflowType: 'hourlyIncrementalLoad',
      input: {},
    });
    await page.getByText('Task Queue is Active').waitFor();
    await start(page);
    await seeStatus(page, 'Completed');
    // The time line tells the story by itself: what was done to which model, and how many rows.
    for (const summary of [
      /plan hourly load/,
      /extract raw_transactions/,
      /publish stg_transactions · 8 rows/,
    ])
      await page.getByText(summary).first().waitFor();

    const details = await openDetails(page);
    await details.getByRole('row', { name: /stg_transactions.*published/ }).waitFor();
    await details.getByRole('row', { name: /fct_daily_sales.*published/ }).waitFor();

    const run = weir.temporal.client.workflow.getHandle(workflowId);
    expect(await run.result()).toMatchObject({
      models: { stg_transactions: { state: 'published', rows: 8 }, fct_daily_sales: { state: 'published' } },
    });
  }),
);

it(
  'a slip of the hand in the form is answered with its mend',
  inBrowser(async (page, weir) => {
    await fillStartForm(page, weir.temporal, {
      workflowId: `${weir.temporal.taskQueue}-misspelt`,
      taskQueue: weir.settings.taskQueue,
      workflowType: 'hourlyIncrementalLoad',
      input: { model: ['stg_transactions'] },
    });
    await start(page);
    await seeStatus(page, 'Failed');
    await page
      .getByText(/unknown field model; the fields are .*models/)
      .first()
      .waitFor();
  }),
);
