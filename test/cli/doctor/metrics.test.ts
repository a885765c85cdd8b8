import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Surroundings } from '../../../cli/doctor/check.ts';
import { metrics } from '../../../cli/doctor/metrics.ts';
import { createCounters } from '../../../workers/metrics/counters.ts';
import { serveMetrics, type MetricsServer } from '../../../workers/metrics/serve-metrics.ts';

let told: MetricsServer | null = null;
let other: Server | null = null;
afterEach(async () => {
  await told?.close();
  other?.close();
  [told, other] = [null, null];
});

async function found(env: NodeJS.ProcessEnv) {
  const surroundings: Surroundings = {
    env,
    databaseUrl: null,
    database: null,
    temporal: null,
    taskQueue: 'weir',
    repository: null,
    refusals: [],
  };
  return (await metrics.run(surroundings))[0];
}

async function worker(postgres: string | null): Promise<string> {
  told = await serveMetrics(0, {
    counters: createCounters(),
    temporal: { read: async () => 'temporal_num_pollers 1\n' },
    postgres: () => ({ read: async () => ({ isUp: postgres !== null, text: postgres }) }),
  });
  return String(told.port);
}

describe('the doctor about metrics', () => {
  it('says who would notice silence where no port is set', async () => {
    expect(await found({})).toMatchObject({ level: 'skipped', found: expect.stringContaining('silence') });
    expect(await found({ WEIR_HEARTBEAT_URL: 'https://a' })).toMatchObject({ level: 'skipped' });
    expect(await found({ WEIR_METRICS_PORT: '0' })).toMatchObject({ level: 'skipped' });
  });

  it('asks the worker that is there', async () => {
    const port = await worker('weir_incidents_open 1\n');
    expect(await found({ WEIR_METRICS_PORT: port })).toEqual({
      level: 'ok',
      found: `a worker tells them at http://localhost:${port}/metrics`,
      mend: null,
    });
  });

  it('says what a worker does not tell', async () => {
    expect(await found({ WEIR_METRICS_PORT: await worker(null) })).toMatchObject({
      level: 'warning',
      found: expect.stringMatching(/does not tell what Postgres knows$/),
    });
  });

  it('says that nobody is there, or somebody else', async () => {
    expect(await found({ WEIR_METRICS_PORT: '1' })).toMatchObject({
      found: expect.stringContaining('nobody tells'),
    });
    other = createServer((_, response) => response.end('hello')).listen(0);
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' ? address?.port : 0);
    expect(await found({ WEIR_METRICS_PORT: port })).toMatchObject({
      found: expect.stringContaining('no worker of Weir'),
    });
  });
});
