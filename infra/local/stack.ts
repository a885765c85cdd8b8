import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { startStandIn } from '../pagerduty/stand-in.ts';
import type { StandIn } from '../pagerduty/stand-in.ts';
import { followParent } from './follow-parent.ts';
import { preferredPort } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import { startTemporal } from './temporal.ts';

/** What surrounds Weir: a database, a Temporal server and a pager, each ours or the one that a setting names. */
export interface Stack {
  /** The administrator of the cluster; make a database of one's own on it. */
  readonly adminUrl: string;
  readonly temporal: StackTemporal;
  /** Null where PAGERDUTY_ROUTING_KEY is set: then events go to PagerDuty. */
  readonly pagerStandIn: StandIn | null;
  /** Stops what was started here, all at once; what a setting named goes on. */
  stop(): Promise<void>;
}

/** Where Temporal is. `external`: TEMPORAL_ADDRESS names it. */
export interface StackTemporal {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  readonly external: boolean;
}

/** Where the stack keeps its data, and who hears how far it is. */
export interface StackOptions {
  /** `.weir/demo` of the repository when left out. */
  readonly home?: string;
  readonly onProgress?: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

interface Part<What> {
  readonly what: What;
  stop(): Promise<void>;
}

const usualPorts = { postgres: 54329, temporal: 7233, temporalUi: 8233, pager: 8234 } as const;
const defaultHome = fileURLToPath(new URL('../../.weir/demo/', import.meta.url));

/**
 * Starts Postgres, Temporal and the PagerDuty stand-in side by side, leaving out those that DATABASE_URL,
 * TEMPORAL_ADDRESS and PAGERDUTY_ROUTING_KEY replace. What is started ends with this process.
 *
 * @throws Error of the first part that does not come up; the others are stopped.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { env = process.env, onProgress = () => {} } = options;
  const home = resolve(options.home ?? defaultHome);
  followParent();
  const began = performance.now();
  const timed = async <What>(name: string, part: Promise<Part<What>>): Promise<Part<What>> => {
    const started = await part;
    onProgress(`${name} is ready (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    return started;
  };
  const parts = [
    timed('Postgres', postgresPart(home, env, onProgress)),
    timed('Temporal', temporalPart(home, env, onProgress)),
    timed('Pager', pagerPart(home, env)),
  ] as const;
  const stopAll = async (): Promise<void> => {
    await Promise.all(parts.map(async (part) => (await part).stop()));
  };
  try {
    const [postgres, temporal, pager] = await Promise.all(parts);
    return { adminUrl: postgres.what, temporal: temporal.what, pagerStandIn: pager.what, stop: stopAll };
  } catch (error) {
    // Not waited for: one of them may be minutes into building the Temporal CLI. All of them end with this process.
    for (const part of parts) void part.then((started) => started.stop()).catch(() => {});
    throw error;
  }
}

/** Somebody took the port between the look and the start: any other will do. */
function onAnyPort<Server>(start: () => Promise<Server>): (error: unknown) => Promise<Server> {
  return async (error) => {
    if (error instanceof Error && /at its start|EADDRINUSE/.test(error.message)) return await start();
    throw error;
  };
}

async function postgresPart(
  home: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<Part<string>> {
  const given = env['DATABASE_URL'];
  if (given !== undefined && given !== '') return { what: given, stop: async () => {} };
  const port = await preferredPort(usualPorts.postgres);
  const options = { dataFolder: join(home, 'postgres'), onProgress };
  const server = await startPostgres({ ...options, port }).catch(onAnyPort(() => startPostgres(options)));
  return { what: server.adminUrl, stop: () => server.stop() };
}

async function temporalPart(
  home: string,
  env: NodeJS.ProcessEnv,
  onProgress: (line: string) => void,
): Promise<Part<StackTemporal>> {
  if (env['TEMPORAL_ADDRESS'] !== undefined && env['TEMPORAL_ADDRESS'] !== '')
    return await externalTemporal(env);
  const options = { databaseFile: join(home, 'temporal.db'), onProgress };
  const server = await startTemporal({
    ...options,
    port: await preferredPort(usualPorts.temporal),
    uiPort: await preferredPort(usualPorts.temporalUi),
  }).catch(onAnyPort(() => startTemporal(options)));
  const { address, namespace, uiUrl } = server;
  return { what: { address, namespace, uiUrl, external: false }, stop: () => server.stop() };
}

async function externalTemporal(env: NodeJS.ProcessEnv): Promise<Part<StackTemporal>> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  try {
    await ensureSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
  const uiUrl = (env['TEMPORAL_UI_URL'] ?? 'http://localhost:8233').replace(/\/$/, '');
  const address = connectionOptions.address ?? env['TEMPORAL_ADDRESS'] ?? '';
  return { what: { address, namespace, uiUrl, external: true }, stop: async () => {} };
}

async function pagerPart(home: string, env: NodeJS.ProcessEnv): Promise<Part<StandIn | null>> {
  const key = env['PAGERDUTY_ROUTING_KEY'];
  if (key !== undefined && key !== '') return { what: null, stop: async () => {} };
  const port = await preferredPort(usualPorts.pager);
  const stateFile = join(home, 'pagerduty', 'events.jsonl');
  const standIn = await startStandIn({ port, stateFile }).catch(onAnyPort(() => startStandIn({ stateFile })));
  return { what: standIn, stop: () => standIn.stop() };
}
