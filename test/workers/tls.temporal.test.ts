import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { msToTs } from '@temporalio/common/lib/time.js';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { ensureSearchAttributes } from '../../infra/local/search-attributes.ts';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import { say } from '../cli/say.ts';
import { until } from '../poll.ts';
import { testTemporal } from '../setup/temporal.ts';
import { SERVER_NAME, startTlsProxy, type TlsProxy } from '../setup/tls-proxy.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

const API_KEY = `key-${randomBytes(8).toString('hex')}`;
const NAMESPACE = `weir-${randomBytes(4).toString('hex')}`;

let weir: TestWeir;
let proxy: TlsProxy;
let folder: string;
const workers = workerProcesses();

beforeAll(async () => {
  await createNamespace();
  weir = await testWeir({ worker: false, temporalServer: serverOf(NAMESPACE) });
  proxy = await startTlsProxy(weir.temporal.address, API_KEY);
  folder = await mkdtemp(path.join(tmpdir(), 'weir-tls-'));
  const files = { 'ca.pem': proxy.authority, 'cert.pem': proxy.client.cert, 'key.pem': proxy.client.key };
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text);
});
afterEach(() => workers.stopAll());
afterAll(async () => {
  await proxy.close();
  await weir.close();
  await rm(folder, { recursive: true, force: true });
});

/** The run's server, seen as another namespace. */
function serverOf(namespace: string): LocalTemporal {
  const nothing = () => Promise.resolve();
  return {
    address: inject('temporalAddress'),
    uiUrl: inject('temporalUiUrl'),
    namespace,
    pid: () => 0,
    logFile: '',
    stop: nothing,
    stopHard: nothing,
    restart: nothing,
  };
}

async function createNamespace(): Promise<void> {
  const { connection, close } = await testTemporal();
  await connection.workflowService.registerNamespace({
    namespace: NAMESPACE,
    workflowExecutionRetentionPeriod: msToTs('1 day'),
  });
  await until(
    () =>
      ensureSearchAttributes(connection, NAMESPACE).then(
        () => true,
        () => false,
      ),
    { what: 'the namespace is there', timeoutMs: 60_000 },
  );
  await close();
}

/** Temporal's own environment variables, all of them needed here. */
function temporalSettings(): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    TEMPORAL_API_KEY: API_KEY,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: path.join(folder, 'ca.pem'),
    TEMPORAL_TLS_SERVER_NAME: SERVER_NAME,
    TEMPORAL_TLS_CLIENT_CERT_PATH: path.join(folder, 'cert.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: path.join(folder, 'key.pem'),
  };
}

describe('a Temporal behind TLS, client certificates and API keys, in a namespace of its own', () => {
  it('runs a pipeline: worker, its client and the shell all connect by Temporal’s environment variables', async () => {
    await workers.spawn(weir, temporalSettings());
    const said = await say(['run', 'daily'], {
      ...temporalSettings(),
      DATABASE_URL: weir.settings.databaseUrl,
      WEIR_TASK_QUEUE: weir.settings.taskQueue,
    });
    expect(said).toMatchObject({ code: 0 });
    const methods = new Set(proxy.calls.map((call) => call.split('/').at(-1)));
    for (const method of [
      'StartWorkflowExecution',
      'PollWorkflowTaskQueue',
      'PollActivityTaskQueue',
      'RespondActivityTaskCompleted',
    ])
      expect(methods, method).toContain(method);
    const listed = async (): Promise<readonly string[]> => {
      const found = [];
      for await (const run of weir.temporal.client.workflow.list({
        query: `TaskQueue = "${weir.settings.taskQueue}" and WorkflowType = "dailyDimensionRefresh"`,
      }))
        found.push(run.status.name);
      return found;
    };
    await until(async () => (await listed()).includes('COMPLETED'), {
      what: 'the run is listed as completed',
      timeoutMs: 60_000,
    });
    expect(await listed()).toEqual(['COMPLETED']);
  });

  const wrong: readonly (readonly [string, () => NodeJS.ProcessEnv, RegExp])[] = [
    [
      'another API key',
      () => ({ TEMPORAL_API_KEY: 'wrong' }),
      /with an API key\): .*unauthenticated.*Set TEMPORAL_API_KEY/is,
    ],
    [
      'no client certificate',
      () => ({ TEMPORAL_TLS_CLIENT_CERT_PATH: undefined, TEMPORAL_TLS_CLIENT_KEY_PATH: undefined }),
      /set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH/,
    ],
    [
      'no authority',
      () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: undefined }),
      /Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the authority/,
    ],
    [
      'another name of the server',
      () => ({ TEMPORAL_TLS_SERVER_NAME: 'elsewhere.test' }),
      /TEMPORAL_TLS_SERVER_NAME where that names another host/,
    ],
    [
      'a file that is none',
      () => ({ TEMPORAL_TLS_CLIENT_KEY_PATH: path.join(folder, 'none.pem') }),
      /settings cannot be used: .*none\.pem.*: look at TEMPORAL_TLS_/,
    ],
    [
      'a namespace that is none',
      () => ({ TEMPORAL_NAMESPACE: 'nowhere' }),
      /\(namespace nowhere, .*Set TEMPORAL_NAMESPACE to one that the server has/s,
    ],
    [
      'TLS to a server without',
      () => ({ TEMPORAL_ADDRESS: weir.temporal.address }),
      /TEMPORAL_TLS=false where it does not/,
    ],
    [
      'an address where nothing is',
      () => ({ TEMPORAL_ADDRESS: '127.0.0.1:1' }),
      /Temporal at 127\.0\.0\.1:1 cannot be worked with .* does TEMPORAL_ADDRESS say where\?/s,
    ],
  ];
  it.each(wrong)('%s is told as such, with the setting', async (_what, settings, expected) => {
    await expect(workers.spawn(weir, { ...temporalSettings(), ...settings() })).rejects.toThrow(expected);
  });
});
