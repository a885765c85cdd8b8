import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { sql } from 'kysely';
import { afterEach, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';
import { workerProcesses } from '../setup/worker-process.ts';

let weir: TestWeir;
let server: Server;
const workers = workerProcesses();
afterEach(async () => {
  await workers.stopAll();
  server.closeAllConnections();
  server.close();
  await weir.close();
}, 60_000);

it('is called after each round of the monitor that went well, and not after one that did not', async () => {
  let calls = 0;
  server = createServer((_, response) => {
    calls += 1;
    response.end();
  });
  server.listen(0);
  await once(server, 'listening');
  const address = server.address();
  const secret = `ping-${randomUUID()}`;
  const url = `http://localhost:${typeof address === 'object' ? address?.port : 0}/${secret}`;
  weir = await testWeir({ worker: false });
  const worker = await workers.spawn(weir, { WEIR_HEARTBEAT_URL: url, WEIR_MONITOR: 'off' });
  const monitor = await weir.temporal.client.workflow.start('freshnessMonitor', {
    taskQueue: weir.temporal.taskQueue,
    workflowId: `freshness-monitor-${randomUUID()}`,
    args: [{ everyMs: 100 }],
  });
  await until(async () => calls > 1, { what: 'it is called', timeoutMs: 60_000 });

  await sql`alter table control.objective_promise rename to objective_promise_away`.execute(
    weir.database.admin,
  );
  const failed = () =>
    worker.log().filter(({ message }) => message === 'a station of the monitor failed').length;
  await until(async () => failed() > 0, { what: 'a round fails', timeoutMs: 60_000 });
  const [before, rounds] = [calls, failed()];
  await until(async () => failed() > rounds + 3, { what: 'more rounds fail', timeoutMs: 60_000 });
  expect(calls).toBe(before);

  await sql`alter table control.objective_promise_away rename to objective_promise`.execute(
    weir.database.admin,
  );
  await until(async () => calls > before, { what: 'it is called again', timeoutMs: 60_000 });
  expect(JSON.stringify(await monitor.fetchHistory())).not.toContain(secret);
  expect(JSON.stringify(worker.log())).not.toContain(secret);
  await monitor.terminate();
}, 240_000);
