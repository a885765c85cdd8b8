import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { WorkerState } from './worker.ts';

/** What a worker process is at. */
export type Phase = 'starting' | 'running' | 'draining' | 'stopped';

/** Something that a worker cannot work without. */
export interface Dependency {
  readonly name: 'postgres' | 'temporal';
  /** Asks for a sign of life; throws when there is none. */
  readonly ask: () => Promise<unknown>;
}

/** How long something has been out of reach. */
export interface Reach {
  readonly reachable: boolean;
  /** ISO 8601, UTC; null while it answers. */
  readonly since: string | null;
}

/** The body of `/ready` and `/live`. */
export interface Health {
  readonly phase: Phase;
  readonly ready: boolean;
  /** Why it is not ready, in words. */
  readonly problems: readonly string[];
  readonly workers: readonly WorkerState[];
  readonly postgres: Reach;
  readonly temporal: Reach;
}

/** What the health server is told as the process goes on. */
export interface HealthServer {
  readonly port: number;
  phase(phase: Phase): void;
  /** From now on these are watched. */
  watch(dependencies: readonly Dependency[], states: () => readonly WorkerState[]): void;
  health(): Health;
  close(): Promise<void>;
}

/** How often it asks, how long it waits for an answer, and how long silence is no reason to take work away. */
export interface HealthTimes {
  readonly everyMs: number;
  readonly answerMs: number;
  readonly toleratedMs: number;
}

/** A restart of Postgres takes seconds, and an activity that meets it is retried: no reason to call a worker unready. */
const TIMES: HealthTimes = { everyMs: 2_000, answerMs: 2_000, toleratedMs: 15_000 };

/**
 * Says over HTTP how a worker process is: `/live` 200 while none of its workers has broken, `/ready` 200 while it takes
 * work and can do it, else 503. Anything else is 404.
 *
 * @param port 0 picks a free one.
 */
export async function serveHealth(port: number, times: HealthTimes = TIMES): Promise<HealthServer> {
  let phase: Phase = 'starting';
  let states: () => readonly WorkerState[] = () => [];
  const watched = new Map<Dependency['name'], Watched>();
  const health = (): Health => summary(phase, states(), watched, times.toleratedMs);
  const server = createServer((request, response) => {
    const now = health();
    const path = request.url?.split('?')[0];
    if (path === '/live') respond(response, isBroken(now) ? 503 : 200, now);
    else if (path === '/ready') respond(response, now.ready ? 200 : 503, now);
    else respond(response, 404, { problem: 'There is /live and /ready.' });
  });
  server.listen(port);
  await once(server, 'listening');
  return {
    port: portOf(server),
    phase: (now) => {
      phase = now;
    },
    watch: (dependencies, look) => {
      states = look;
      for (const one of dependencies) watched.set(one.name, watch(one, times));
    },
    health,
    close: async () => {
      for (const { stop } of watched.values()) stop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function isBroken({ workers }: Health): boolean {
  return workers.some(({ state }) => state === 'FAILED');
}

function respond(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body, null, 2)}\n`);
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

interface Watched {
  /** Epoch milliseconds; null while it answers. */
  readonly silentSince: () => number | null;
  readonly stop: () => void;
}

function watch({ ask }: Dependency, { everyMs, answerMs }: HealthTimes): Watched {
  let silentSince: number | null = null;
  let asking = false;
  const look = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const asked = Date.now();
    try {
      await withinTime(ask(), answerMs);
      silentSince = null;
    } catch {
      silentSince ??= asked;
    } finally {
      asking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  void look();
  return { silentSince: () => silentSince, stop: () => clearInterval(timer) };
}

async function withinTime(answer: Promise<unknown>, ms: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function summary(
  phase: Phase,
  workers: readonly WorkerState[],
  watched: ReadonlyMap<Dependency['name'], Watched>,
  toleratedMs: number,
): Health {
  const silence = (name: Dependency['name']): number | null => watched.get(name)?.silentSince() ?? null;
  const problems = [
    ...(phase === 'running' ? [] : [`the process is ${phase}`]),
    ...workers
      .filter(({ polls }) => phase === 'running' && !polls)
      .map(({ taskQueue, state }) => `the worker of ${taskQueue} does not poll (${state})`),
    ...(['postgres', 'temporal'] as const).flatMap((name) => {
      const since = silence(name);
      if (since === null || Date.now() - since < toleratedMs) return [];
      return [`${name} has not answered since ${new Date(since).toISOString()}`];
    }),
  ];
  return {
    phase,
    ready: problems.length === 0,
    problems,
    workers,
    postgres: reach(silence('postgres')),
    temporal: reach(silence('temporal')),
  };
}

function reach(since: number | null): Reach {
  return { reachable: since === null, since: since === null ? null : new Date(since).toISOString() };
}
