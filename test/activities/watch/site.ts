import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, NativeConnection, Worker } from '@temporalio/worker';
import type { AlarmPage } from '../../../activities/page/page-input.ts';
import {
  createWatch,
  type ScheduleSights,
  type WatchPace,
  type WatchResult,
} from '../../../activities/watch.ts';
import { freshDatabase, type FreshDatabase } from '../../setup/database.ts';
import { quietWorkers } from '../../setup/quiet-workers.ts';
import { testTemporal, type TestTemporal } from '../../setup/temporal.ts';
import { until } from '../../poll.ts';

/** A watch of a test's own, with the real server and database, and without the monitor that asks it. */
export interface WatchSite {
  readonly database: FreshDatabase;
  readonly temporal: TestTemporal;
  /** One round; what it gives is told, unless asked otherwise. */
  round(options?: { readonly tell?: boolean }): Promise<WatchResult>;
  /** Rounds until one of them tells of something, as the monitor would; what it told. */
  untilTold(what: string): Promise<readonly AlarmPage[]>;
  /** Some rounds; what they told. */
  rounds(count: number): Promise<readonly AlarmPage[]>;
  /** A worker of the workflows in `workflows/`. */
  startWorker(version: 'broken' | 'mended'): Promise<void>;
  stopWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly pace?: Partial<WatchPace>;
  readonly sights?: (temporal: TestTemporal) => ReturnType<ScheduleSights>;
}

/** Starts one. Its first round has been: what ended before is nobody's news. */
export async function watchSite({ pace = {}, sights }: SiteOptions = {}): Promise<WatchSite> {
  const [database, temporal] = await Promise.all([freshDatabase(), testTemporal()]);
  const { watch } = createWatch({
    databases: database.databases,
    client: temporal.client,
    environment: temporal.taskQueue,
    taskQueue: temporal.taskQueue,
    watchPace: { confirmMs: 0, unpolledMs: 0, ...pace },
    ...(sights === undefined ? {} : { scheduleSights: () => sights(temporal) }),
  });
  let told: readonly number[] = [];
  const round: WatchSite['round'] = async ({ tell = true } = {}) => {
    // A look that a busy machine keeps waiting is given up, and what it would have found is found by the next round.
    const result = await until(
      async () => {
        const looked = await watch({ told });
        const failed = looked.lines.filter((line) => line.startsWith('could not look'));
        if (failed.length > 0) throw new Error(failed.join('; '));
        return looked;
      },
      { what: 'a round goes well', timeoutMs: 60_000 },
    );
    told = tell ? result.pageIds : [];
    return result;
  };
  await round();
  const running = workerOf(temporal);
  return {
    database,
    temporal,
    round,
    untilTold: async (what) =>
      until(
        async () => {
          const { pages } = await round();
          return pages.length > 0 ? pages : null;
        },
        { what, timeoutMs: 60_000 },
      ),
    rounds: async (count) => {
      const pages: AlarmPage[] = [];
      for (let n = 0; n < count; n += 1) pages.push(...(await round()).pages);
      return pages;
    },
    startWorker: running.start,
    stopWorker: running.stop,
    close: async () => {
      await running.stop();
      await temporal.close();
      await database.drop();
    },
  };
}

function workerOf({ address, namespace, taskQueue }: TestTemporal) {
  let stop: (() => Promise<void>) | null = null;
  return {
    start: async (version: 'broken' | 'mended') => {
      quietWorkers();
      const connection = await NativeConnection.connect({ address });
      const worker = await Worker.create({
        connection,
        namespace,
        taskQueue,
        workflowBundle: await bundleWorkflowCode({
          workflowsPath: fileURLToPath(new URL(`workflows/${version}.ts`, import.meta.url)),
          logger: { log() {}, trace() {}, debug() {}, info() {}, warn: console.warn, error: console.error },
        }),
        stickyQueueScheduleToStartTimeout: '1 second',
      });
      const done = worker.run();
      stop = async () => {
        worker.shutdown();
        await done;
        await connection.close();
      };
    },
    stop: async () => {
      await stop?.();
      stop = null;
    },
  };
}
