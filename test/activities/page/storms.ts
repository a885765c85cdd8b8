import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createPage,
  type GateHeldPage,
  type GatePassedPage,
  type PageDeps,
} from '../../../activities/page.ts';
import { modelText, sourceText, ungated, version } from '../../models/model-text.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { testPager, type TestPager, type TestPagerOptions } from '../../workflows/incident-worker.ts';
import { failingVerdict } from './verdict.ts';

/** Models `m01` … that each read `raw_things`, and what pages about them. */
export interface Storms {
  readonly database: FreshDatabase;
  readonly pager: TestPager;
  readonly deps: PageDeps;
  page(...input: Parameters<ReturnType<typeof createPage>['page']>): Promise<string | null>;
  close(): Promise<void>;
}

const run = { workflowId: 'hourly-2017-01-02T11', runId: randomUUID() };

/** How many models there are. */
export const MODELS = 40;

/** `m07` */
export function modelName(index: number): string {
  return `m${String(index).padStart(2, '0')}`;
}

/** Starts a pager, a database and a folder of models of their own. @param told who else is told of what. */
export async function openStorms(told: TestPagerOptions = {}): Promise<Storms> {
  const [database, pager, folder] = await Promise.all([freshDatabase(), testPager(told), writeModels()]);
  await pager.start();
  const deps: PageDeps = {
    databases: database.databases,
    client: pager.temporal.client,
    environment: `test-${randomUUID().slice(0, 8)}`,
    taskQueue: pager.temporal.taskQueue,
    links: { temporalUi: 'http://localhost:8233', namespace: pager.temporal.namespace },
    folders: { modelsFolder: path.join(folder, 'models'), suitesFolder: path.join(folder, 'suites') },
    retry: { firstRetryMs: 100 },
  };
  const { page } = createPage(deps);
  return {
    database,
    pager,
    deps,
    page: async (input) => (await page(input)).incident,
    close: async () => {
      await pager.close();
      await Promise.all([database.drop(), rm(folder, { recursive: true, force: true })]);
    },
  };
}

async function writeModels(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-storms-'));
  const [bronze, silver] = [path.join(folder, 'models/bronze'), path.join(folder, 'models/silver')];
  await Promise.all([bronze, silver].map((one) => mkdir(one, { recursive: true })));
  await writeFile(path.join(bronze, 'raw_things.sql'), sourceText({ id: 'text' }));
  for (let index = 0; index < MODELS; index++) {
    const text = modelText('incremental', ungated, `select id, ${version} from delta.raw_things`);
    await writeFile(path.join(silver, `${modelName(index)}.sql`), text);
  }
  return folder;
}

/** The gate of a model holds. */
export function heldPage(model: string, changes: Partial<GateHeldPage['verdict']> = {}): GateHeldPage {
  return {
    kind: 'gateHeld',
    verdict: failingVerdict({ model, suite: model, verdictId: randomUUID(), loadId: 1, ...changes }),
    model: { name: model, owner: 'store-data', tier: 1, runbook: null, downstream: [] },
    run,
    holdUntil: '2017-01-02T23:00:00.000Z',
  };
}

/** … and lets it through. */
export function passedPage(model: string): GatePassedPage {
  return { kind: 'gatePassed', model, gate: 'input', suite: model, verdictId: randomUUID(), run };
}
