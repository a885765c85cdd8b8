/**
 * `node infra/bootstrap.mjs test/browser/record-images.ts`: takes the pictures of `docs/images` from a demo that it
 * starts for itself. Two or three minutes; look at each afterwards, whether it still shows what the text beside it says.
 * With `catalogue` behind it only those of the catalogue.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { until } from '../poll.ts';
import { root } from '../tools.ts';
import { takeCatalogue } from './catalogue-images.ts';
import { findChromium, launch } from './chromium.ts';
import {
  chooseUpdate,
  confirm,
  copyJson,
  fillStartForm,
  openDetails,
  openReset,
  paste,
  seeStatus,
  typeJson,
  type Ui,
} from './run-page.ts';
import { backfill, fillBackfill, openActions, openSchedule } from './schedule-page.ts';
import { smallPng } from './small-png.ts';

const WIDTH = 1400;
const SCHEDULE = 'hourly-incremental-load';

/** A demo of our own that has stopped at its held gate. */
interface Demo {
  readonly ui: Ui;
  readonly taskQueue: string;
  readonly heldRun: string;
  readonly incidents: string;
  readonly catalogue: string;
  /** Lets the story go on to its end. */
  finish(): Promise<void>;
  stop(): Promise<void>;
}

async function startDemo(): Promise<Demo> {
  const home = join(root, '.weir', 'images');
  rmSync(home, { recursive: true, force: true });
  const child = spawn(process.execPath, ['infra/demo/main.ts', '--look', '--home', home], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    process.stdout.write(chunk);
    told += chunk;
  });
  const said = async (pattern: RegExp): Promise<string> => {
    const ended = () => child.exitCode !== null;
    const found = await until(() => pattern.exec(told) ?? ended(), {
      timeoutMs: 300_000,
      what: `${pattern}`,
    });
    if (found === true) throw new Error(`the demo ended before it said ${pattern.source}`);
    return found[1] ?? '';
  };
  const catalogue = await said(/Catalogue +(\S+)/);
  const incidents = await said(/Incidents +(\S+)/);
  const heldRun = await said(/held now: (\S+)/);
  const environment: unknown = JSON.parse(readFileSync(join(home, 'environment.json'), 'utf8'));
  const { TEMPORAL_UI_URL, TEMPORAL_NAMESPACE, WEIR_TASK_QUEUE } = Object(environment);
  return {
    ui: { uiUrl: TEMPORAL_UI_URL, namespace: TEMPORAL_NAMESPACE },
    taskQueue: WEIR_TASK_QUEUE,
    heldRun,
    incidents,
    catalogue,
    finish: async () => {
      child.stdin.write('\n');
      await said(/the schedules run now/);
    },
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A picture of the window as it stands, so many pixels high. */
async function take(page: Page, name: string, height: number, width = WIDTH): Promise<void> {
  await page.setViewportSize({ width, height });
  // What has moved is drawn before it is taken.
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  const picture = smallPng(await page.screenshot());
  writeFileSync(join(root, 'docs', 'images', `${name}.png`), picture);
  console.log(`${name}.png ${Math.round(picture.length / 1024)} kB`);
}

/** What a responder sees first: the list, the incident on a desk and on a phone, the runbook it leads to. */
async function takeIncident(page: Page, { incidents }: Demo): Promise<void> {
  await page.goto(incidents);
  const incident = page.getByRole('link', { name: /stg_transactions held/ });
  await incident.waitFor();
  await take(page, 'incidents', 500);
  await incident.click();
  await page.getByRole('heading', { name: /what to press/i }).waitFor();
  await take(page, 'incident', 1700);
  await take(page, 'incident-phone', 844, 390);
  const runbook = await page.getByRole('link', { name: 'Runbook' }).getAttribute('href');
  await page.getByRole('button', { name: 'Acknowledge' }).click();
  // Wide before it scrolls to its anchor.
  await page.setViewportSize({ width: WIDTH, height: 1000 });
  await page.goto(runbook ?? '');
  await page.getByRole('heading', { name: 'What to press' }).waitFor();
  await take(page, 'runbook', 1000);
}

/** The incident once its gate has let the mended hour through. */
async function takeResolved(page: Page, { incidents }: Demo): Promise<void> {
  await page.goto(incidents);
  await page.getByRole('link', { name: /stg_transactions held/ }).click();
  await page
    .getByText(/^Resolved /)
    .first()
    .waitFor();
  await take(page, 'incident-resolved', 700);
}

async function takeHeld(page: Page, { heldRun, ui }: Demo): Promise<void> {
  await page.goto(`${ui.uiUrl}/namespaces/${ui.namespace}/workflows?query=WeirPipeline%3D%22hourly%22`);
  await page
    .getByRole('link', { name: /hourly-2017/ })
    .first()
    .waitFor();
  await take(page, 'runs', 700);
  await page.goto(heldRun);
  await page
    .getByText(/HELD stg_transactions/)
    .first()
    .waitFor();
  await take(page, 'held-run', 1000);
  const details = await openDetails(page);
  await details.getByText('verdictId').first().waitFor();
  await take(page, 'held-details', 1900);

  await copyJson(page, details, 'reloadAndRetry');
  const dialog = await chooseUpdate(page, 'reloadAndRetry');
  const decision = { ...Object(JSON.parse(await paste(page, dialog))), by: 'Ada' };
  await typeJson(dialog, { ...decision, verdictId: '00000000-0000-4000-8000-000000000000' });
  await confirm(dialog);
  await dialog
    .getByRole('paragraph')
    .getByText(/refused/)
    .waitFor();
  await take(page, 'update-refused', 1000);
  await page.keyboard.press('Escape');
  const again = await chooseUpdate(page, 'reloadAndRetry');
  await typeJson(again, decision);
  await take(page, 'send-update', 1000);
  await confirm(again);
  await seeStatus(page, 'Completed');
}

async function takeReleased(page: Page, { heldRun, ui, taskQueue }: Demo): Promise<void> {
  await page.goto(heldRun);
  const details = await openDetails(page);
  const row = await details.getByRole('row', { name: /^stg_transactions / }).innerText();
  const gate = /gate input (\d+)/.exec(row)?.[1] ?? '';
  await page.getByTestId('history-tab').click();
  await seeStatus(page, 'Completed');
  await page
    .getByText(/publish stg_transactions/)
    .first()
    .waitFor();
  await take(page, 'released-run', 1000);
  const dialog = await openReset(page);
  await dialog.getByTestId('workflow-reset-event-id-select-button').click();
  await dialog.getByRole('option', { name: `${gate} - WorkflowTaskCompleted` }).click();
  await dialog.locator('#reset-reason').fill('the suite was mended');
  await take(page, 'reset', 1000);
  await fillStartForm(page, ui, {
    workflowId: 'hourly-by-hand',
    taskQueue,
    workflowType: 'hourlyIncrementalLoad',
    input: {},
  });
  await page.getByText('Task Queue is Active').waitFor();
  await take(page, 'start', 1000);
}

async function takeSchedules(page: Page, { ui }: Demo): Promise<void> {
  await openSchedule(page, ui, SCHEDULE);
  await openActions(page);
  await page.getByTestId('trigger-schedule').waitFor();
  await take(page, 'schedule', 900);
  await page.keyboard.press('Escape');
  await page.reload();
  const dialog = await fillBackfill(page, { date: '01/06/17', from: '8', to: '12' });
  await take(page, 'backfill', 1000);
  await backfill(dialog);
  await page.reload();
  await page.getByRole('link', { name: `${SCHEDULE}-2017-01-06T11:05:00Z` }).waitFor();
  await take(page, 'backfilled', 900);
}

const found = await findChromium({ onProgress: (line) => console.log(line) });
if ('missing' in found) throw new Error(found.missing);
const demo = await startDemo();
try {
  const browser = await launch(found.path);
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 1000 }, ignoreHTTPSErrors: true });
  page.setDefaultTimeout(60_000);
  await takeCatalogue(page, demo.catalogue, take);
  if (process.argv[2] !== 'catalogue') {
    await takeIncident(page, demo);
    await takeHeld(page, demo);
    await takeResolved(page, demo);
    await takeReleased(page, demo);
    await demo.finish();
    await takeSchedules(page, demo);
  }
  await browser.close();
} finally {
  await demo.stop();
}
