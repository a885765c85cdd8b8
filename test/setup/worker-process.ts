import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LogLine } from '../../workers/log.ts';
import { until } from '../poll.ts';
import type { TestWeir } from './weir.ts';

/** A worker in a process of its own, so that it can be killed. */
export interface WorkerProcess {
  /** Ends it as the kernel's out-of-memory killer would. */
  kill(): Promise<void>;
  /** Stops it in its tracks, as a machine that is out of memory or a paused virtual one does. */
  freeze(): void;
  /** Lets it go on where it stood. */
  wake(): void;
  stop(): Promise<void>;
  /** Asks it to end by SIGTERM. @returns its exit code. */
  terminate(): Promise<number | null>;
  /** What it wrote to stderr so far: its log, one JSON object a line. */
  log(): readonly LogLine[];
  /** Waits for a line: Temporal's SDK keeps each back for 100 to 200 ms, to bring them into order. */
  logged(what: string, isIt: (line: LogLine) => boolean): Promise<LogLine>;
  /** Everything it wrote so far, to stdout and stderr. */
  output(): string;
  /** Where it says how it is; undefined when WEIR_HEALTH_PORT is not set. */
  readonly healthUrl: string | undefined;
  /** Where Prometheus would read; undefined when WEIR_METRICS_PORT is not set. */
  readonly metricsUrl: string | undefined;
}

/** The worker processes of a test file's tests: what is spawned is stopped after each test, frozen or not. */
export function workerProcesses() {
  let running: WorkerProcess[] = [];
  return {
    /** @param settings environment variables over those of the test's Weir. */
    spawn: async (weir: TestWeir, settings: NodeJS.ProcessEnv = {}): Promise<WorkerProcess> => {
      const worker = await spawnWorker(weir, settings);
      running.push(worker);
      return worker;
    },
    stopAll: async (): Promise<void> => {
      for (const worker of running) worker.wake();
      await Promise.all(running.map((worker) => worker.stop()));
      running = [];
    },
  };
}

/** Starts one against a test's database, task queue and pager; it polls when this resolves. */
async function spawnWorker(
  { settings, temporal }: TestWeir,
  more: NodeJS.ProcessEnv,
): Promise<WorkerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-worker-'));
  const caFile = path.join(folder, 'ca.pem');
  await writeFile(caFile, settings.pagerDuty.ca ?? '');
  const child = spawn(
    process.execPath,
    [path.resolve(import.meta.dirname, '..', '..', 'workers', 'main.ts')],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        WEIR_FOLLOW_PARENT: '1',
        DATABASE_URL: settings.databaseUrl,
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: temporal.namespace,
        WEIR_LANDING_FOLDER: settings.landingFolder,
        ...Object.fromEntries(
          Object.entries(settings.sourceUrls ?? {}).map(([name, url]) => [
            `WEIR_SOURCE_${name.toUpperCase()}_URL`,
            url,
          ]),
        ),
        WEIR_MODELS_FOLDER: settings.modelsFolder,
        WEIR_SUITES_FOLDER: settings.suitesFolder,
        WEIR_TASK_QUEUE: settings.taskQueue,
        WEIR_LOOK_SECONDS: String((settings.look?.firstMs ?? 15_000) / 1000),
        WEIR_ENVIRONMENT: settings.environment,
        PAGERDUTY_ROUTING_KEY: settings.pagerDuty.routingKey,
        WEIR_PAGERDUTY_SERVER: settings.pagerDuty.server ?? '',
        WEIR_PAGERDUTY_CA_FILE: caFile,
        WEIR_LOG_FORMAT: 'json',
        // There is one a namespace, and the run's tests share theirs.
        WEIR_MONITOR: 'off',
        ...more,
      },
    },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const log = (): readonly LogLine[] => {
    const whole = err.split('\n').slice(0, -1);
    return whole.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  };
  await ready(child).catch((error: Error) => {
    throw new Error(`${error.message}: ${err}`, { cause: error });
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
    return child.exitCode;
  };
  return {
    kill: async () => void (await end('SIGKILL')),
    freeze: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
    stop: async () => void (await end('SIGTERM')),
    terminate: () => end('SIGTERM'),
    log,
    logged: (what, isIt) => until(async () => log().find((line) => isIt(line)), { what }),
    output: () => out + err,
    healthUrl: /health at (\S+)/.exec(out)?.[1],
    metricsUrl: /metrics at (\S+)/.exec(out)?.[1],
  };
}

async function ready(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (text: string) => {
      if (text.includes('worker ready')) resolve();
    });
    child.once('exit', (code, signal) =>
      reject(new Error(`the worker ended with ${signal ?? code} before it was ready`)),
    );
  });
}
