import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSample } from '../../activities/sample.ts';
import { readGraph } from '../../activities/repository.ts';
import { readFreshness } from '../../activities/sample/freshness.ts';
import { MINUTE_HEADERS } from '../../cli/new/minute-models.ts';
import type { LocalTemporal } from '../../infra/local/temporal.ts';
import type { Graph } from '../../models/graph.ts';
import { applySchedules, MINUTE_SCHEDULE } from '../../workers/schedules.ts';
import { until } from '../poll.ts';
import { baskets } from '../setup/baskets.ts';
import { ownTemporal } from '../setup/temporal.ts';
import { testWeir, type TestWeir } from '../setup/weir.ts';

// The real schedule has one name a namespace: on the server that tests share, two of them would meet.
let temporalServer: LocalTemporal;
let weir: TestWeir;
let graph: Graph;
beforeEach(async () => {
  temporalServer = await ownTemporal();
  weir = await testWeir({ minute: true, temporalServer });
  await weir.loadDimensions();
  graph = await readGraph(weir.settings);
}, 300_000);
afterEach(async () => {
  await weir.temporal.client.schedule.getHandle(MINUTE_SCHEDULE.scheduleId).delete();
  await weir.close();
  await temporalServer.stop();
});

/** Minutes in which something is delivered, after the first that was published. */
const MINUTES = 3;

/** What the tills and the shelves deliver in a minute, with the time of now. */
async function deliver(round: number): Promise<void> {
  const at = new Date().toISOString().slice(0, 19);
  const from = round * 3 + 1;
  await weir.land(
    `transactions/${round}.jsonl`,
    baskets(from, from + 3, { transaction_timestamp: `${at}Z` }),
  );
  await weir.land(`inventory/${round}.csv`, [
    'store_id,sku,on_hand_qty,reserved_qty,last_count_ts',
    `STORE_00001,1,${10 + round},0,${at}`,
  ]);
  await weir.land(`pos_events/${round}.jsonl`, [
    { store_id: 'STORE_00001', sku: '1', quantity_change: -1, event_ts: at },
  ]);
}

async function rounds(): Promise<number> {
  const { rows } = await sql<{ rounds: number }>`
    select count(*) as rounds from control.load where model = 'inventory_realtime' and state = 'published'`.execute(
    weir.database.admin,
  );
  return rows[0]?.rounds ?? 0;
}

it('of 5 and 2 minutes are held by a schedule of a minute while something arrives in each', async () => {
  const { client, taskQueue } = weir.temporal;
  const { loader } = weir.database.databases;
  const { sample } = createSample({
    databases: { loader },
    folders: weir.settings,
    environment: weir.settings.environment,
    client,
  });
  const oldest = new Map<string, number>();
  const look = async (): Promise<void> => {
    await sample({});
    for (const { model, ageSeconds } of (await readFreshness(loader, graph)).models)
      if (ageSeconds !== null && model in MINUTE_HEADERS)
        oldest.set(model, Math.max(ageSeconds, oldest.get(model) ?? 0));
  };
  await deliver(0);
  await applySchedules(client, { taskQueue, schedules: [MINUTE_SCHEDULE], paused: false });
  for (let round = 1; round <= MINUTES; round += 1) {
    await until(
      async () => {
        if (round > 1) await look(); // Before the first load there is nothing to be old.
        return (await rounds()) >= round;
      },
      { what: `minute ${round} is published`, timeoutMs: 150_000, everyMs: 500 },
    );
    // The worst moment: right after a run has looked at the folders.
    await deliver(round);
    await look();
  }
  expect([...oldest.keys()].toSorted()).toEqual(Object.keys(MINUTE_HEADERS).toSorted());
  for (const [model, age] of oldest)
    expect({ model, age, isKept: age <= (model === 'stg_transactions' ? 300 : 120) }).toMatchObject({
      isKept: true,
    });
  const { rows } = await sql<{ model: string; bad: number; samples: number }>`
    select model, count(*) filter (where not is_good)::int as bad, count(*)::int as samples
    from control.freshness_sample where model = any (${Object.keys(MINUTE_HEADERS)}::text[]) group by model order by model`.execute(
    weir.database.admin,
  );
  expect(rows.map(({ model, bad }) => ({ model, bad }))).toEqual(
    Object.keys(MINUTE_HEADERS)
      .toSorted()
      .map((model) => ({ model, bad: 0 })),
  );
  for (const { samples } of rows) expect(samples).toBeGreaterThanOrEqual(MINUTES - 1);
}, 600_000);
