import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { Database } from '../../activities/databases.ts';
import { readIncidents, type IncidentFacts } from '../../infra/demo/readings/incidents.ts';
import { startPostgres } from '../../infra/local/postgres.ts';
import { startTemporal } from '../../infra/local/temporal.ts';
import { migrate } from '../../infra/migrate.ts';
import { startStandIn } from '../../infra/pagerduty/stand-in.ts';
import { openDatabase } from '../../workers/databases.ts';
import { connect } from '../../workers/temporal.ts';
import { endWorker, freshDatabase, pagerSettings, startWorker } from '../steps/site.ts';
import { badRecord, writeRepository, type Guarded } from './repository.ts';

/** Weir as `npm run demo` has it, over the bench's own models. */
export interface PagesSite {
  readonly client: Client;
  readonly admin: Database;
  readonly taskQueue: string;
  /** Delivers a file with a record that breaks a promise. @returns when it was there, epoch milliseconds */
  landBad(model: Guarded): Promise<number>;
  incidents(): Promise<readonly IncidentFacts[]>;
  close(): Promise<void>;
}

/** Starts everything; the worker polls when this resolves. @param home where the servers' data is kept between starts. */
export async function openPagesSite(
  home: string,
  models: readonly Guarded[],
  onProgress: (line: string) => void,
): Promise<PagesSite> {
  await mkdir(home, { recursive: true });
  const [postgres, temporal, standIn] = await Promise.all([
    startPostgres({ dataFolder: join(home, 'postgres'), onProgress }),
    startTemporal({ databaseFile: join(home, 'temporal.db'), onProgress }),
    startStandIn({}),
  ]);
  const landing = await landingFolder(home, models);
  const [databaseUrl, folders] = await Promise.all([
    freshDatabase(postgres.adminUrl, 'weir_bench_pages'),
    writeRepository(home, models),
  ]);
  onProgress(`${models.length} sources and models: migrating`);
  await migrate(databaseUrl, folders);
  const taskQueue = `weir-bench-${Date.now()}`;
  const worker = await startWorker({
    ...{ DATABASE_URL: databaseUrl, WEIR_TASK_QUEUE: taskQueue, WEIR_ENVIRONMENT: taskQueue },
    ...{ TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: temporal.namespace },
    ...{ WEIR_MODELS_FOLDER: folders.modelsFolder, WEIR_SUITES_FOLDER: folders.suitesFolder },
    ...{ WEIR_LANDING_FOLDER: landing, WEIR_MONITOR: 'off', ...(await pagerSettings(home, standIn)) },
  });
  const connection = await connect({ address: temporal.address });
  const admin = openDatabase(databaseUrl, 'weir bench', 2);
  return {
    client: new Client({ connection, namespace: temporal.namespace }),
    ...{ admin, taskQueue },
    landBad: ({ folder }) => landBad(join(landing, folder)),
    incidents: sharedLook(() => readIncidents(standIn)),
    close: async () => {
      await endWorker(worker, 'SIGTERM');
      await connection.close();
      await admin.destroy();
      await Promise.all([postgres.stop(), temporal.stop(), standIn.stop()]);
    },
  };
}

async function landingFolder(home: string, models: readonly Guarded[]): Promise<string> {
  const landing = join(home, 'landing');
  await rm(landing, { recursive: true, force: true });
  for (const { folder } of models) await mkdir(join(landing, folder), { recursive: true });
  return landing;
}

async function landBad(folder: string): Promise<number> {
  const file = join(folder, 'bad');
  await writeFile(`${file}.tmp`, `${JSON.stringify(badRecord)}\n`);
  await rename(`${file}.tmp`, `${file}.jsonl`);
  return Date.now();
}

/** Nobody's wait is asked for more often: a list of a hundred incidents is a megabyte to write and to read. */
const LOOK_MS = 400;

/** One look at the stand-in for everybody who waits. */
function sharedLook(read: PagesSite['incidents']): PagesSite['incidents'] {
  let last: { readonly at: number; readonly answer: Promise<readonly IncidentFacts[]> } | null = null;
  return () => {
    if (last === null || performance.now() - last.at > LOOK_MS)
      last = { at: performance.now(), answer: read() };
    return last.answer;
  };
}

/** When the incident of a model was opened at the stand-in, by its clock; epoch milliseconds, null where there is none yet. */
export async function incidentOpenedAt(site: PagesSite, model: string): Promise<number | null> {
  const found = (await site.incidents()).find(({ dedupKey }) => dedupKey.split('/').includes(model));
  return found === undefined ? null : Date.parse(found.createdAt);
}
