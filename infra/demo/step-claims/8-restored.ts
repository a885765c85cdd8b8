import { firstRefresh, nextRefresh, rebuiltStore } from '../plot.ts';
import { byAnswering, byChanging, byIncidents, readList, readPairs, type StoryClaim } from '../world.ts';
import { shrinkIncidents } from './7-shrunken.ts';

/** Step 8: the mended source is published, and the histories say what changed between the two refreshes. */
export const restoredClaims: readonly StoryClaim[] = [
  {
    name: 'next-refresh-completed',
    step: 8,
    says: 'the refresh read the mended stores and ended well',
    from: 'Temporal describe run',
    expected: () => 'COMPLETED',
    read: async ({ temporal, notes }) => (await temporal.run(notes.nextDailyWorkflowId)).status,
    falsify: byAnswering(() => ({ run: async () => ({ status: 'RUNNING', gateState: 'held' }) })),
  },
  {
    name: 'store-before-and-after',
    step: 8,
    says: 'the store that was rebuilt has a version before and one after',
    from: 'Postgres gold.dim_stores_history',
    expected: () => [
      `${rebuiltStore.was} from ${day(firstRefresh)} to ${day(nextRefresh)}`,
      `${rebuiltStore.is} from ${day(nextRefresh)}`,
    ],
    read: (world) =>
      readList(
        world,
        `select store_format || ' from ' || valid_from::date || coalesce(' to ' || valid_to::date, '')
         from gold.dim_stores_history where store_id = $1 order by valid_from`,
        [rebuiltStore.storeId],
      ),
    falsify: byChanging(
      'delete from gold.dim_stores_history where store_id = $1 and valid_to is not null',
      () => [rebuiltStore.storeId],
    ),
  },
  {
    name: 'nothing-else-changed',
    step: 8,
    says: 'no other store and no product has another version: the half that was lost never was gone',
    from: 'Postgres gold.dim_stores_history, gold.dim_products_history',
    expected: () => ({
      dim_products_history: '92331 current, 0 ended',
      dim_stores_history: '457 current, 1 ended',
    }),
    read: (world) =>
      readPairs(
        world,
        `select name, count(*) filter (where valid_to is null) || ' current, ' || count(valid_to) || ' ended' as value
         from (select 'dim_stores_history' as name, valid_to from gold.dim_stores_history
               union all select 'dim_products_history', valid_to from gold.dim_products_history) as versions
         group by name order by name`,
      ),
    falsify: byChanging(
      `update gold.dim_products_history set valid_to = '2017-01-08'
       where ctid = (select min(ctid) from gold.dim_products_history)`,
    ),
  },
  {
    name: 'stores-incident-resolved',
    step: 8,
    says: 'the incident of the stores resolved by itself',
    from: 'stand-in GET /api/incidents',
    expected: () => ['resolved'],
    read: async (world) => (await shrinkIncidents(world)).map(({ status }) => status),
    falsify: byIncidents((incidents) => incidents.map((one) => ({ ...one, status: 'triggered' }))),
  },
];

function day(instant: string): string {
  return instant.slice(0, 'YYYY-MM-DD'.length);
}
