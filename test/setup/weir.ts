import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { sql } from 'kysely';
import type { LookPace } from '../../activities/look.ts';
import { minuteModels } from '../../cli/new/minute-models.ts';
import { WORKFLOW_OF } from '../../models/grain.ts';
import type { Schedule } from '../../models/model.ts';
import type { Settings } from '../../workers/settings.ts';
import { startWorkers, type Workers } from '../../workers/worker.ts';
import { readIncidents, type IncidentFacts } from '../../infra/demo/readings/incidents.ts';
import type { PipelineInput } from '../../workflows/input.ts';
import type { PipelineResult } from '../../workflows/pipeline.ts';
import type { LocalPostgres } from '../../infra/local/postgres.ts';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import { startStandIn, type StandIn } from '../../infra/pagerduty/stand-in.ts';
import { until } from '../poll.ts';
import { freshDatabase, type FreshDatabase } from './database.ts';
import { quietWorkers } from './quiet-workers.ts';
import { failedWorkflowTasks, withoutSummary, testTemporal, type TestTemporal } from './temporal.ts';

/** A run, as tests hold it. */
export type Run = WorkflowHandle<(input?: PipelineInput) => Promise<PipelineResult>>;

/** A Weir of a test's own: database, task queue, landing folder and pager; shipped models, three stores, two products. */
export interface TestWeir {
  readonly database: FreshDatabase;
  readonly temporal: TestTemporal;
  readonly standIn: StandIn;
  readonly settings: Settings;
  /** Delivers a file whole, under a name as sources use: `transactions/2017-01-02T08.jsonl`. */
  land(file: string, records: readonly (object | string)[]): Promise<void>;
  run(pipeline: Schedule, input?: PipelineInput): Promise<Run>;
  /** Runs the daily refresh once, so that the hourly gates know the stores. */
  loadDimensions(): Promise<void>;
  /** The verdict that holds a model now, once it is another than `not`. */
  heldVerdict(model: string, not?: string): Promise<string>;
  incidents(): Promise<readonly IncidentFacts[]>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  /** Stops everything and asserts that no workflow task failed, and that each activity and timer says what it is. */
  close(): Promise<void>;
}

const PROJECT = path.resolve(import.meta.dirname, '..', '..');
const ROUTING_KEY = 'weirtestweirtestweirtestweirtest';

/** Servers of a test's own, for tests that stop or crash them; the run's when left out. */
export interface TestWeirOptions {
  /** False: no worker in this process. */
  readonly worker?: boolean;
  readonly postgres?: LocalPostgres;
  readonly temporalServer?: LocalTemporal;
  /** True: a copy of models and suites of its own, at `settings.modelsFolder` and `settings.suitesFolder`, to change. */
  readonly ownFiles?: boolean;
  /** True: `ownFiles` in which transactions and inventory are on a schedule of a minute, as `weir new minute` writes them. */
  readonly minute?: boolean;
  /** Where pages link to for runbooks and suites; nowhere when left out. */
  readonly repositoryUrl?: string;
  /** Where pages link to for gate runs; nowhere when left out. */
  readonly catalogueUrl?: string;
  /** How often a held gate is looked at; left out, never while a test lasts: it does itself what it tests. */
  readonly look?: LookPace;
}

const NEVER: LookPace = { firstMs: 86_400_000, mostMs: 86_400_000 };

/** Starts one, with its worker in this process unless told otherwise. */
export async function testWeir({
  worker = true,
  postgres,
  temporalServer,
  minute = false,
  ownFiles = minute,
  look = NEVER,
  repositoryUrl,
  catalogueUrl,
}: TestWeirOptions = {}): Promise<TestWeir> {
  const [database, temporal, standIn] = await Promise.all([
    freshDatabase(postgres ? { clusterUrl: postgres.adminUrl } : {}),
    testTemporal(temporalServer),
    startStandIn({ callsPerMinute: 10_000 }),
  ]);
  const landingFolder = await mkdtemp(path.join(tmpdir(), 'weir-landing-'));
  await createOperational(database);
  const files = ownFiles ? await copyFiles(minute) : PROJECT;
  const settings: Settings = {
    databaseUrl: database.adminUrl,
    landingFolder,
    modelsFolder: path.join(files, 'models'),
    suitesFolder: path.join(files, 'expectations', 'suites'),
    // Names the incident workflows: those of two tests must not meet on the server they share.
    environment: temporal.taskQueue,
    taskQueue: temporal.taskQueue,
    temporalUiUrl: temporal.uiUrl,
    ...(repositoryUrl === undefined ? {} : { repositoryUrl }),
    ...(catalogueUrl === undefined ? {} : { catalogueUrl }),
    pagerDuty: { routingKey: ROUTING_KEY, server: standIn.server, ca: standIn.ca },
    sourceUrls: { crm: database.adminUrl },
    look,
  };
  const runningWorker = workerOf(database, temporal, settings);
  if (worker) await runningWorker.start();
  const weir: TestWeir = {
    database,
    temporal,
    standIn,
    settings,
    land: (file, records) => land(landingFolder, file, records),
    run: (pipeline, input) => startRun(temporal, pipeline, input),
    loadDimensions: async () => {
      await (await startRun(temporal, 'daily')).result();
    },
    heldVerdict: (model, not) => heldVerdict(database, model, not),
    incidents: () => readIncidents(standIn),
    startWorker: runningWorker.start,
    stopWorker: runningWorker.stop,
    close: async () => {
      const failed = await failedWorkflowTasks(temporal);
      const silent = await withoutSummary(temporal);
      await runningWorker.stop();
      await Promise.all([standIn.stop(), rm(landingFolder, { recursive: true, force: true })]);
      if (ownFiles) await rm(files, { recursive: true, force: true });
      await temporal.close();
      await database.drop();
      if (failed.length > 0) throw new Error(`workflow tasks failed: ${failed.join('; ')}`);
      if (silent.length > 0) throw new Error(`these say nothing in the time line: ${silent.join('; ')}`);
    },
  };
  return weir;
}

async function copyFiles(minute: boolean): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-files-'));
  for (const part of ['models', 'expectations/suites'])
    await cp(path.join(PROJECT, part), path.join(folder, part), {
      recursive: true,
      filter: (file) => !file.endsWith('.ts'),
    });
  if (minute)
    for (const { file, text } of minuteModels(path.join(PROJECT, 'models'), path.join(folder, 'models')))
      await writeFile(file, text);
  return folder;
}

function workerOf(database: FreshDatabase, temporal: TestTemporal, settings: Settings) {
  let running: { readonly workers: Workers; readonly connection: NativeConnection } | null = null;
  return {
    start: async () => {
      quietWorkers();
      const connection = await NativeConnection.connect({ address: temporal.address });
      const { client, namespace } = temporal;
      const workers = await startWorkers({
        settings,
        databases: database.databases,
        client,
        connection,
        namespace,
      });
      running = { workers, connection };
    },
    stop: async () => {
      if (!running) return;
      const { workers, connection } = running;
      running = null;
      workers.shutdown();
      await workers.done;
      await connection.close();
    },
  };
}

/** The operational system and that of the loyalty cards, as tables of the same database. */
export async function createOperational({ admin }: FreshDatabase): Promise<void> {
  await sql`create schema operational`.execute(admin);
  await sql`
    create table operational.stores (
      store_id text primary key, store_name text, region text, district text, store_format text,
      store_size_sqft int, opens_at time, closes_at time, opened_on date)`.execute(admin);
  await sql`
    insert into operational.stores
    select 'STORE_0000' || n, 'Store ' || n, 'WEST', 'WEST-' || n, 'EXPRESS', 10000 + n, '06:00', '23:00', '1999-01-01'
    from generate_series(1, 3) n`.execute(admin);
  await sql`
    create table operational.products (
      product_id text primary key, manufacturer_id text, department text, brand text,
      product_category text, product_type text, package_size text)`.execute(admin);
  await sql`
    insert into operational.products
    select n::text, '1', 'GROCERY', 'National', 'ICE', 'CUBED', '22 LB' from generate_series(1, 2) n`.execute(
    admin,
  );
  await sql`create schema crm`.execute(admin);
  await sql`
    create table crm.customers (
      customer_id text primary key, home_store_id text, age_band text, income_band text, household_size int,
      joined_on date)`.execute(admin);
  await sql`insert into crm.customers select 'C' || n, 'STORE_00001' from generate_series(1, 3) n`.execute(
    admin,
  );
  await sql`grant usage on schema operational to weir_loader`.execute(admin);
  await sql`grant select on all tables in schema operational to weir_loader`.execute(admin);
}

async function land(folder: string, file: string, records: readonly (object | string)[]): Promise<void> {
  const target = path.join(folder, file);
  await mkdir(path.dirname(target), { recursive: true });
  const lines = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
  await writeFile(`${target}.tmp`, lines.map((line) => `${line}\n`).join(''));
  await rename(`${target}.tmp`, target);
}

async function startRun(temporal: TestTemporal, pipeline: Schedule, input?: PipelineInput): Promise<Run> {
  const { workflowId } = await temporal.client.workflow.start(WORKFLOW_OF[pipeline], {
    taskQueue: temporal.taskQueue,
    workflowId: `${pipeline}-${randomUUID()}`,
    args: input === undefined ? [] : [input],
  });
  // By workflow id alone: after a reset it means the run that carries on.
  return temporal.client.workflow.getHandle<(input?: PipelineInput) => Promise<PipelineResult>>(workflowId);
}

/** The first verdict of a model's gates, whether it holds still or, after a hold of a moment, no more. */
export async function firstVerdict({ database }: TestWeir, model: string): Promise<string> {
  const first = await until(
    () =>
      database.admin
        .selectFrom('control.gate_run')
        .select('verdict_id')
        .where('model', '=', model)
        .orderBy('evaluation_id')
        .executeTakeFirst(),
    { what: `a gate of ${model} is asked`, timeoutMs: 60_000 },
  );
  return first.verdict_id;
}

async function heldVerdict(
  { admin }: FreshDatabase,
  model: string,
  not: string | undefined,
): Promise<string> {
  const lease = await until(
    () =>
      admin
        .selectFrom('control.lease')
        .select('verdict_id')
        .where('model', '=', model)
        .where('state', '=', 'held')
        .where('verdict_id', 'is distinct from', not ?? null)
        .executeTakeFirst(),
    { what: `${model} is held`, timeoutMs: 30_000 },
  );
  return lease.verdict_id ?? '';
}
