import { responderNeeds, toldBy } from '../readings/incidents.ts';
import { spoiledHour } from '../plot.ts';
import {
  byAnswering,
  byChanging,
  byIncidents,
  readOne,
  readPairs,
  type StoryClaim,
  type World,
} from '../world.ts';
import { brokenExpectations, heldVerdictId, owner } from './held-gate.ts';
import { badScene, countBaskets, countMovements, scenesDuringHold, transactionIds } from './scenes.ts';
import { storyIncidents } from './story-incidents.ts';

/** Step 4, everything else: on-call knows once, and what does not depend on the held model goes on. */
export const otherClaims: readonly StoryClaim[] = [
  {
    name: 'one-incident-open',
    step: 4,
    says: 'one incident is open, and the later runs added none',
    from: 'stand-in GET /api/incidents',
    expected: (world) => [`triggered weir/${world.notes.environment}/stg_transactions/transactions`],
    read: async (world) =>
      (await storyIncidents(world)).map(({ status, dedupKey }) => `${status} ${dedupKey}`),
    falsify: byIncidents((incidents) => [...incidents, ...incidents.slice(-1)]),
  },
  {
    name: 'incident-tells-what-to-do',
    step: 4,
    says: 'the incident has what a responder needs',
    from: 'stand-in GET /api/incidents',
    expected: () => [...responderNeeds],
    read: async (world) => {
      const [incident] = await storyIncidents(world);
      if (!incident) return [];
      const { lines, broken } = spoiledHour(badScene(world));
      return toldBy(incident, {
        expectations: brokenExpectations(world).map((name) => name.replace(/\(.*/, '')),
        shares: broken.map(({ rows }) => `${rows} of ${lines.length}`),
        workflowId: badScene(world).workflowId,
        verdictId: await heldVerdictId(world),
        owner,
      });
    },
    falsify: byIncidents((incidents) =>
      incidents.map((one) => ({ ...one, text: one.text.replaceAll('docs/runbooks', 'docs') })),
    ),
  },
  {
    name: 'later-runs-completed',
    step: 4,
    says: 'the hours that landed during the hold have runs of their own that ended well',
    from: 'Temporal describe each run',
    expected: (world) =>
      Object.fromEntries(scenesDuringHold(world).map(({ hour }) => [hour.name, 'COMPLETED'])),
    read: async (world) =>
      Object.fromEntries(
        await Promise.all(
          scenesDuringHold(world).map(
            async ({ hour, workflowId }) =>
              [hour.name, (await world.temporal.run(workflowId)).status] as const,
          ),
        ),
      ),
    falsify: byAnswering(() => ({ run: async () => ({ status: 'RUNNING', gateState: 'held' }) })),
  },
  {
    name: 'later-runs-say-held-by',
    step: 4,
    says: 'each says that the held run has the model, leaves what depends on it, and publishes the movements',
    from: 'Temporal run result',
    expected: (world) =>
      Object.fromEntries(
        scenesDuringHold(world).map(({ hour }) => [
          hour.name,
          `stg_transactions held by ${badScene(world).workflowId}; fct_daily_sales left; stg_pos_events published`,
        ]),
      ),
    read: async (world) =>
      Object.fromEntries(
        await Promise.all(
          scenesDuringHold(world).map(async (scene) => [scene.hour.name, await tellOutcomes(world, scene)]),
        ),
      ),
    falsify: byAnswering((temporal) => ({
      outcomes: async (id) => ({
        ...(await temporal.outcomes(id)),
        stg_transactions: { state: 'published', reason: '' },
      }),
    })),
  },
  {
    name: 'later-runs-left-the-held-model',
    step: 4,
    says: 'no later run opened a load of stg_transactions or fct_daily_sales',
    from: 'Postgres control.load',
    expected: () => 0,
    read: (world) =>
      readOne(
        world,
        `select count(*)::int from control.load
         where workflow_id = any($1) and model in ('stg_transactions', 'fct_daily_sales')`,
        [scenesDuringHold(world).map(({ workflowId }) => workflowId)],
      ),
    falsify: byChanging(
      `update control.load set workflow_id = $1
       where load_id = (select max(load_id) from control.load where model = 'stg_transactions')`,
      (world) =>
        scenesDuringHold(world)
          .slice(0, 1)
          .map(({ workflowId }) => workflowId),
    ),
  },
  {
    name: 'later-movements-published',
    step: 4,
    says: 'their movements are in silver',
    from: 'Postgres silver.stg_pos_events',
    expected: (world) =>
      Object.fromEntries(scenesDuringHold(world).map((scene) => [scene.hour.name, countMovements([scene])])),
    read: (world) =>
      readPairs(
        world,
        `select substring(_source from '([^/]*)\\.jsonl$') as name, count(*)::int as value from silver.stg_pos_events
         where substring(_source from '([^/]*)\\.jsonl$') = any($1) group by 1 order by 1`,
        [scenesDuringHold(world).map(({ hour }) => hour.name)],
      ),
    falsify: byChanging('delete from silver.stg_pos_events where _source like $1', (world) =>
      scenesDuringHold(world)
        .slice(0, 1)
        .map(({ hour }) => `%${hour.name}.jsonl`),
    ),
  },
  {
    name: 'later-baskets-wait',
    step: 4,
    says: 'their baskets have landed and wait behind the held hour',
    from: 'Postgres bronze.raw_transactions, silver.stg_transactions',
    expected: (world) => ({ bronze: countBaskets(scenesDuringHold(world)), silver: 0 }),
    read: async (world) => {
      const ids = [transactionIds(scenesDuringHold(world))];
      return {
        bronze: await readOne(
          world,
          'select count(*)::int from bronze.raw_transactions where transaction_id = any($1)',
          ids,
        ),
        silver: await readOne(
          world,
          'select count(*)::int from silver.stg_transactions where transaction_id = any($1)',
          ids,
        ),
      };
    },
    falsify: byChanging(
      `update silver.stg_transactions set transaction_id = $1
       where ctid = (select min(ctid) from silver.stg_transactions)`,
      (world) => transactionIds(scenesDuringHold(world)).slice(0, 1),
    ),
  },
];

async function tellOutcomes(world: World, scene: { readonly workflowId: string }): Promise<string> {
  const outcomes = await world.temporal.outcomes(scene.workflowId);
  const held = outcomes['stg_transactions'];
  const holder = /held by (\S+) since \S+/.exec(held?.reason ?? '')?.[1];
  const first = held?.state === 'heldElsewhere' && holder ? `held by ${holder}` : (held?.state ?? 'absent');
  const others = ['fct_daily_sales', 'stg_pos_events'].map(
    (model) => `${model} ${outcomes[model]?.state ?? 'absent'}`,
  );
  return [`stg_transactions ${first}`, ...others].join('; ');
}
