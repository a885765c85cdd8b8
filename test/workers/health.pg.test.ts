import { sql } from 'kysely';
import { afterEach, describe, expect, it } from 'vitest';
import { serveHealth, type Health, type HealthServer } from '../../workers/health.ts';
import { until } from '../poll.ts';
import { freshDatabase, ownPostgres } from '../setup/database.ts';

/** As in a worker, only quicker to give up. */
const TIMES = { everyMs: 50, answerMs: 500, toleratedMs: 300 };

const polling = {
  queue: 'load',
  taskQueue: 'weir-load',
  state: 'RUNNING',
  polls: true,
  activities: 0,
} as const;

let server: HealthServer;
afterEach(() => server.close());

async function ask(path: string): Promise<{ status: number; body: Health }> {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  const body: Health = JSON.parse(await response.text());
  return { status: response.status, body };
}

async function readyIs(status: number): Promise<Health> {
  return await until(
    async () => {
      const answer = await ask('/ready');
      return answer.status === status ? answer.body : null;
    },
    { what: `/ready is ${status}`, timeoutMs: 60_000 },
  );
}

describe('readiness', () => {
  it('goes with a Postgres that stops for long, says since when, and comes back with it', async () => {
    const cluster = await ownPostgres();
    const database = await freshDatabase({ clusterUrl: cluster.adminUrl, migrated: false });
    server = await serveHealth(0, TIMES);
    expect((await ask('/ready')).body.problems).toEqual(['the process is starting']);
    const { admin } = database;
    server.watch([{ name: 'postgres', ask: () => sql`select 1`.execute(admin) }], () => [polling]);
    server.phase('running');
    await readyIs(200);
    await cluster.stopHard();
    const gone = await readyIs(503);
    expect(gone.problems.join()).toMatch(/^postgres has not answered since 20\d\d-/);
    expect(gone.postgres.reachable).toBe(false);
    expect((await ask('/live')).status).toBe(200);
    await cluster.restart();
    await readyIs(200);
    await until(async () => (await ask('/ready')).body.postgres.reachable, {
      what: 'it answers again',
      timeoutMs: 60_000,
    });
    expect((await readyIs(200)).postgres).toEqual({ reachable: true, since: null });
    await database.drop();
    await cluster.stop();
  });

  it('goes with a worker that does not poll; a worker that broke is not live either', async () => {
    server = await serveHealth(0, TIMES);
    server.phase('running');
    server.watch([], () => [polling, { ...polling, queue: 'gate', taskQueue: 'weir-gate', polls: false }]);
    const { status, body } = await ask('/ready');
    expect(status).toBe(503);
    expect(body.problems).toEqual(['the worker of weir-gate does not poll (RUNNING)']);
    expect((await ask('/live')).status).toBe(200);
    server.watch([], () => [{ ...polling, state: 'FAILED', polls: false }]);
    expect((await ask('/live')).status).toBe(503);
    expect((await ask('/metrics')).status).toBe(404);
  });
});
