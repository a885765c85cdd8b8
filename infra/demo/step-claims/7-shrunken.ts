import type { IncidentFacts } from '../readings/incidents.ts';
import {
  byAnswering,
  byChanging,
  byIncidents,
  readList,
  readOne,
  type StoryClaim,
  type World,
} from '../world.ts';
import { storyIncidents } from './story-incidents.ts';

/** Stores of the sample, and how many of them a refresh has to find: `max_shrink: 0.1` of gold.dim_stores. */
const stores = { all: 457, least: 412, left: 229 } as const;

/** Models that the next refresh has published although the stores are held, by name. */
export async function publishedBeside(world: World): Promise<readonly string[]> {
  const models = await readList(
    world,
    `select model from control.load where workflow_id = $1 and state = 'published' order by model`,
    [world.notes.nextDailyWorkflowId],
  );
  return models.map(String);
}

/** The incidents of the stores' gate. */
export async function shrinkIncidents(world: World): Promise<readonly IncidentFacts[]> {
  return (await storyIncidents(world)).filter(({ dedupKey }) => dedupKey.endsWith('/dim_stores/dim_stores'));
}

/** Step 7: a refresh that loses half of the stores is held; to be read while it is. */
export const shrunkenClaims: readonly StoryClaim[] = [
  {
    name: 'shrunken-refresh-held',
    step: 7,
    says: 'the refresh waits at the gate of the stores',
    from: 'Temporal describe run, search attribute WeirGateState',
    expected: () => ({ status: 'RUNNING', gateState: 'held' }),
    read: async ({ temporal, notes }) => ({ ...(await temporal.run(notes.nextDailyWorkflowId)) }),
    falsify: byAnswering(() => ({ run: async () => ({ status: 'COMPLETED', gateState: 'passed' }) })),
  },
  {
    name: 'shrinking-named',
    step: 7,
    says: 'the gate says how many stores there are, and how many the header wants at least',
    from: 'Postgres control.gate_result',
    expected: () => [`${stores.left} rows where at least ${stores.least} are promised by max_shrink`],
    read: (world) =>
      readList(
        world,
        `select (failed -> 'result' ->> 'observed_value') || ' rows where at least '
                || (failed -> 'expectation_config' -> 'kwargs' ->> 'min_value') || ' are promised by '
                || substring(failed -> 'expectation_config' ->> 'description' from 'max_shrink')
         from control.gate_result, jsonb_path_query(result, '$.results[*] ? (@.success == false)') as failed
         where evaluation_id = (
           select max(evaluation_id) from control.gate_run where workflow_id = $1 and model = 'dim_stores')`,
        [world.notes.nextDailyWorkflowId],
      ),
    falsify: byChanging(
      `update control.gate_result set result = jsonb_set(result, '{results}', '[]')
       where evaluation_id in (select evaluation_id from control.gate_run where workflow_id = $1)`,
      ({ notes }) => [notes.nextDailyWorkflowId],
    ),
  },
  {
    name: 'no-store-lost',
    step: 7,
    says: 'gold still has every store',
    from: 'Postgres gold.dim_stores',
    expected: () => stores.all,
    read: (world) => readOne(world, 'select count(*)::int from gold.dim_stores'),
    falsify: byChanging(
      'delete from gold.dim_stores where store_id in (select store_id from gold.dim_stores order by store_id limit 228)',
    ),
  },
  {
    name: 'products-go-on',
    step: 7,
    says: 'the products and their history are published meanwhile: only what reads the stores waits',
    from: 'Postgres control.load of the run',
    expected: () => ['dim_products', 'dim_products_history'],
    read: publishedBeside,
    falsify: byChanging(
      `update control.load set state = 'open' where workflow_id = $1 and model = 'dim_products'`,
      ({ notes }) => [notes.nextDailyWorkflowId],
    ),
  },
  {
    name: 'on-call-knows-the-stores',
    step: 7,
    says: 'on-call has one incident of it',
    from: 'stand-in GET /api/incidents',
    expected: (world) => [`triggered weir/${world.notes.environment}/dim_stores/dim_stores`],
    read: async (world) =>
      (await shrinkIncidents(world)).map(({ status, dedupKey }) => `${status} ${dedupKey}`),
    falsify: byIncidents(() => []),
  },
];
