import type { FrameLocator, Locator, Page } from 'playwright-core';
import { until } from '../poll.ts';

// Names and test ids are those of temporalio/ui v2.42.1, which the Temporal CLI 1.5.1 carries.

/** Where a UI is, and whose runs it shows. */
export interface Ui {
  readonly uiUrl: string;
  readonly namespace: string;
}

/** The address of a part of the UI. */
export function uiAddress({ uiUrl, namespace }: Ui, rest: string): string {
  return `${uiUrl}/namespaces/${namespace}/${rest}`;
}

/** What a person types into the form *Start Workflow*. */
export interface StartForm {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly workflowType: string;
  readonly input: object;
}

/** Fills the form *Start Workflow*, as the button of the Workflows page opens it. */
export async function fillStartForm(page: Page, temporal: Ui, form: StartForm): Promise<void> {
  await page.goto(uiAddress(temporal, 'workflows'));
  await page.getByRole('button', { name: 'Start Workflow', exact: true }).click();
  await page.getByLabel('Workflow ID').fill(form.workflowId);
  await page.getByLabel('Task Queue').fill(form.taskQueue);
  await page.getByLabel('Workflow Type').fill(form.workflowType);
  await typeJson(page.locator('main'), form.input);
}

/** Presses *Start Workflow*, and follows the message that says it has started. */
export async function start(page: Page): Promise<void> {
  await page.getByTestId('start-workflow-button').click();
  await page.getByRole('link', { name: 'Workflow started successfully' }).click();
  await page.getByTestId('workflow-id-heading').waitFor();
}

/** Opens the latest run of a workflow. */
export async function openRun(page: Page, temporal: Ui, workflowId: string): Promise<void> {
  await page.goto(uiAddress(temporal, `workflows/${encodeURIComponent(workflowId)}`));
  await page.getByTestId('workflow-id-heading').waitFor();
}

/** Waits until the page says that the run is so: `Running`, `Completed`, `Failed`. */
export async function seeStatus(page: Page, status: string): Promise<void> {
  await page
    .locator('header', { has: page.getByTestId('workflow-id-heading') })
    .getByText(status, { exact: true })
    .waitFor();
}

/** Opens *User Metadata*, where the run's current details are. */
export async function openDetails(page: Page): Promise<FrameLocator> {
  await page.getByTestId('user-metadata-tab').click();
  return detailsOf(page);
}

/** The run's current details, on the page that shows them already. */
export async function detailsOf(page: Page): Promise<FrameLocator> {
  const details = page.locator('iframe[title="output"]').last().contentFrame();
  await details.locator('table').first().waitFor();
  return details;
}

/**
 * Copies the JSON that stands beside a decision, as a person does: three clicks, and the keys for copy. Details that change
 * meanwhile are laid out anew, and what was marked is not marked any more: then again.
 */
export async function copyJson(page: Page, details: FrameLocator, decision: string): Promise<void> {
  const name = details.getByText(decision, { exact: true }).first();
  const json = name.locator('xpath=following::code[contains(., "verdictId")][1]');
  await until(
    async () => {
      await json.click({ clickCount: 3 });
      await page.keyboard.press('ControlOrMeta+c');
      const marked = await json.evaluate((code) => String(code.ownerDocument.getSelection()));
      return marked.includes('verdictId');
    },
    { what: `the JSON of ${decision} was copied`, timeoutMs: 60_000 },
  );
}

/** The page has its buttons twice, for wide windows and for narrow ones: what is seen is pressed. */
async function chooseAction(page: Page, testId: string): Promise<void> {
  await page.getByRole('button', { name: 'More Actions' }).filter({ visible: true }).click();
  await page.getByTestId(testId).filter({ visible: true }).click();
}

/** Opens *More Actions → Send an Update* and chooses one. The dialog is the answer. */
export async function chooseUpdate(page: Page, update: string): Promise<Locator> {
  await chooseAction(page, 'update-button');
  const dialog = page.getByTestId('update-confirmation-modal').filter({ visible: true });
  await dialog.getByTestId('update-select-button').click();
  await dialog.getByRole('option', { name: update }).click();
  return dialog;
}

/**
 * In the open dialog *Send an Update*: chooses one, pastes what was copied and sends it, all by keys: Tab to the list,
 * arrows, Enter; Tab to the editor, paste; Tab to *Submit*, Enter.
 */
export async function sendByKeys(page: Page, update: string): Promise<void> {
  const dialog = page.getByTestId('update-confirmation-modal').filter({ visible: true });
  await tabTo(page, dialog.getByTestId('update-select-button'));
  await page.keyboard.press('Enter');
  const option = dialog.getByRole('option', { name: update });
  await option.waitFor();
  for (let pressed = 0; pressed < 20 && !(await isFocused(option)); pressed++)
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await tabTo(page, editor(dialog));
  await page.keyboard.press('ControlOrMeta+v');
  await editor(dialog).getByText('verdictId').waitFor();
  await tabTo(page, dialog.getByTestId('confirm-modal-button'));
  await page.keyboard.press('Enter');
}

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let pressed = 0; pressed < 20; pressed++) {
    if (await isFocused(target)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${String(target)}`);
}

function isFocused(target: Locator): Promise<boolean> {
  return target.evaluate((element) => element === element.ownerDocument.activeElement);
}

/** Pastes what was copied into the dialog's input, and tells what stands there then. */
export async function paste(page: Page, dialog: Locator): Promise<string> {
  await editor(dialog).click();
  await page.keyboard.press('ControlOrMeta+v');
  await editor(dialog).getByText('verdictId').waitFor();
  await editor(dialog).blur();
  return editor(dialog).innerText();
}

/** The box that takes JSON: an editor, not an input. */
export function editor(within: Locator): Locator {
  return within.locator('.cm-content').first();
}

/** Types JSON into it. The editor lays it out anew when it is left, and so moves the button under it: it is left first. */
export async function typeJson(within: Locator, json: unknown): Promise<void> {
  await editor(within).fill(JSON.stringify(json));
  await editor(within).blur();
}

/** Presses a dialog's button. */
export async function confirm(dialog: Locator): Promise<void> {
  await dialog.getByTestId('confirm-modal-button').click();
}

/** *Reset* of an open run, with every box of the dialog as it comes. */
export async function resetTo(page: Page, eventId: number, reason: string): Promise<void> {
  await chooseAction(page, 'reset-button');
  const dialog = resetDialog(page);
  await dialog.getByTestId('workflow-reset-event-id-select-button').click();
  await dialog.getByRole('option', { name: `${eventId} - WorkflowTaskCompleted` }).click();
  await dialog.locator('#reset-reason').fill(reason);
  await confirm(dialog);
}

/** Opens the dialog of a closed run, whose page has a button for it. */
export async function openReset(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Reset', exact: true }).filter({ visible: true }).click();
  return resetDialog(page);
}

function resetDialog(page: Page): Locator {
  return page.getByTestId('reset-confirmation-modal').filter({ visible: true });
}
