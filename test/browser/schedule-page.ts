import type { Locator, Page } from 'playwright-core';
import { confirm, uiAddress, type Ui } from './run-page.ts';

// Names and test ids are those of temporalio/ui v2.42.1, which the Temporal CLI 1.5.1 carries.

/** Opens a schedule from the list on the Schedules page. */
export async function openSchedule(page: Page, temporal: Ui, scheduleId: string): Promise<void> {
  await page.goto(uiAddress(temporal, 'schedules'));
  await page.getByRole('link', { name: scheduleId }).first().click();
  await page.getByTestId('schedule-name').waitFor();
}

/** Presses *Pause* or *Unpause*, whichever the page shows, and gives the reason it asks for. */
export async function pauseOrUnpause(page: Page, button: 'Pause' | 'Unpause', reason: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).filter({ visible: true }).click();
  const dialog = dialogOf(page, 'pause-schedule-modal');
  await dialog.locator('#pause-reason').fill(reason);
  await confirm(dialog);
}

/** *Trigger*, with the choice that the dialog comes with: the schedule's own policy. */
export async function trigger(page: Page): Promise<void> {
  await chooseAction(page, 'trigger-schedule');
  await confirm(dialogOf(page, 'trigger-schedule-modal'));
  await dialogOf(page, 'trigger-schedule-modal').waitFor({ state: 'hidden' });
}

/** A range of UTC hours of one day, as the Backfill dialog asks for it. */
export interface HourRange {
  /** `MM/DD/YY`, as its box wants it. */
  readonly date: string;
  readonly from: string;
  readonly to: string;
}

/** Opens *Backfill* and fills in the range; the policy stays as the dialog comes. */
export async function fillBackfill(page: Page, { date, from, to }: HourRange): Promise<Locator> {
  await chooseAction(page, 'backfill-schedule');
  const dialog = dialogOf(page, 'backfill-schedule-modal');
  for (const [index, hour] of [from, to].entries()) {
    const day = dialog.locator('#datepicker').nth(index);
    await day.fill(date);
    await dialog.getByRole('button', { name: 'Close', exact: true }).filter({ visible: true }).click();
    await dialog.locator('#hour').nth(index).fill(hour);
    await dialog.locator('#minute').nth(index).fill('0');
    await dialog.locator('#second').nth(index).fill('0');
  }
  return dialog;
}

/** Presses *Schedule*, and waits until the dialog has gone. */
export async function backfill(dialog: Locator): Promise<void> {
  await confirm(dialog);
  await dialog.waitFor({ state: 'hidden' });
}

/** Opens the menu beside *Pause*: Trigger, Backfill, Edit, Delete. */
export async function openActions(page: Page): Promise<void> {
  await page.locator('#schedule-actions-menu-button').click();
}

async function chooseAction(page: Page, testId: string): Promise<void> {
  await openActions(page);
  await page.getByTestId(testId).click();
}

function dialogOf(page: Page, id: string): Locator {
  return page.locator(`dialog#${id}`);
}
