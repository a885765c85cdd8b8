import { firstRefresh } from '../plot.ts';
import { byAnswering, byChanging, readOne, readPairs, type StoryClaim } from '../world.ts';

/** Rows of the sample, header left out: what the operational tables were filled with. */
const rows = { dim_stores: 457, dim_products: 92_331 } as const;

/** When the versions of a history begin, where none has ended. */
const since = `string_agg(distinct valid_from::date || coalesce(' to ' || valid_to::date, ''), ', ')`;

/** Step 2: the dimensions are what the operational systems say, each through its gate. */
export const dimensionClaims: readonly StoryClaim[] = [
  {
    name: 'daily-run-completed',
    step: 2,
    says: 'dailyDimensionRefresh ran to its end',
    from: 'Temporal describe run',
    expected: () => 'COMPLETED',
    read: async ({ temporal, notes }) => (await temporal.run(notes.dailyWorkflowId)).status,
    falsify: byAnswering(() => ({ run: async () => ({ status: 'FAILED', gateState: null }) })),
  },
  {
    name: 'stores-loaded',
    step: 2,
    says: 'gold has every store once',
    from: 'Postgres gold.dim_stores',
    expected: () => rows.dim_stores,
    read: (world) => readOne(world, 'select count(distinct store_id)::int from gold.dim_stores'),
    falsify: byChanging('delete from gold.dim_stores where ctid = (select min(ctid) from gold.dim_stores)'),
  },
  {
    name: 'products-loaded',
    step: 2,
    says: 'gold has every product once',
    from: 'Postgres gold.dim_products',
    expected: () => rows.dim_products,
    read: (world) => readOne(world, 'select count(distinct product_id)::int from gold.dim_products'),
    falsify: byChanging(
      'delete from gold.dim_products where ctid = (select min(ctid) from gold.dim_products)',
    ),
  },
  {
    name: 'histories-begun',
    step: 2,
    says: 'every store and product has one version, from the time of the refresh on',
    from: 'Postgres gold.dim_stores_history, gold.dim_products_history',
    expected: () => ({
      dim_products_history: `${rows.dim_products} versions, each from ${firstRefresh.slice(0, 10)} on`,
      dim_stores_history: `${rows.dim_stores} versions, each from ${firstRefresh.slice(0, 10)} on`,
    }),
    read: (world) =>
      readPairs(
        world,
        `select name, versions || ' versions, each from ' || since || ' on' as value from (
           select 'dim_products_history' as name, count(*) as versions, ${since} as since from gold.dim_products_history
           union all
           select 'dim_stores_history', count(*), ${since} from gold.dim_stores_history) as histories
         order by name`,
      ),
    falsify: byChanging(
      `update gold.dim_stores_history set valid_to = '2017-01-07'
       where ctid = (select min(ctid) from gold.dim_stores_history)`,
    ),
  },
  {
    name: 'dimension-gates-passed',
    step: 2,
    says: 'each dimension went through a gate that saw all of its rows',
    from: 'Postgres control.gate_run of the run',
    expected: () => ({
      dim_products: `pass, ${rows.dim_products} rows`,
      dim_products_history: `pass, ${rows.dim_products} rows`,
      dim_stores: `pass, ${rows.dim_stores} rows`,
      dim_stores_history: `pass, ${rows.dim_stores} rows`,
    }),
    read: (world) =>
      readPairs(
        world,
        `select distinct on (model) model as name, outcome || ', ' || rows_checked || ' rows' as value
         from control.gate_run where workflow_id = $1 order by model, evaluation_id desc`,
        [world.notes.dailyWorkflowId],
      ),
    falsify: byChanging(
      `update control.gate_run set outcome = 'error' where workflow_id = $1`,
      ({ notes }) => [notes.dailyWorkflowId],
    ),
  },
];
