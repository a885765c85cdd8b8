import type pg from 'pg';
import {
  BRONZE,
  COUNTS,
  GOLD,
  HISTORIES,
  LANDED_MOVEMENTS,
  MEASURED,
  MOVEMENTS,
  SILVER,
  STOCK,
  LANDED_CUSTOMERS,
  CHANGED_CUSTOMERS,
} from './told-sql.ts';
import { movementsOf } from '../../../infra/demo/hours.ts';
import {
  firstRefresh,
  malformedLines,
  nextRefresh,
  rebuiltStore,
  redelivery,
  spoiledHour,
} from '../../../infra/demo/plot.ts';
import type { IncidentFacts } from '../../../infra/demo/readings/incidents.ts';
import type { TemporalReadings } from '../../../infra/demo/readings/temporal.ts';
import type { SentDecision, ToldScene } from '../../../infra/demo/world.ts';

/** Models that promise to be fresh. */
const OBJECTIVES = [
  ...['dim_products', 'dim_products_history', 'dim_stores', 'dim_stores_history', 'fct_daily_sales'],
  ...['inventory_realtime', 'stg_inventory', 'stg_pos_events', 'stg_transactions'],
];

/** The verdict that holds the bad hour of the pretended story. */
export const verdictId = '00000000-0000-4000-8000-000000000001';

/**
 * The story as it should leave the tables, written by hand without Weir: so that each claim can be seen to hold, and
 * to fail when it is falsified, without telling the story. One function a stage; each adds to the one before.
 */
export function pretend(client: pg.Client) {
  const publish = async (scene: ToldScene, revision = 1, lines: readonly string[] = scene.hour.baskets) => {
    await client.query(SILVER, [lines, fileOf(scene), revision]);
    await client.query('truncate gold.fct_daily_sales');
    await client.query(GOLD);
  };
  return {
    dimensions: async (dailyWorkflowId: string) => {
      await client.query(MEASURED, [OBJECTIVES]);
      await client.query('insert into gold.dim_stores select * from operational.stores');
      await client.query('insert into gold.dim_products select * from operational.products');
      await client.query(HISTORIES, [firstRefresh]);
      await client.query(LANDED_CUSTOMERS);
      for (const [model, rows] of [
        ['dim_stores', 457],
        ['dim_stores_history', 457],
        ['dim_products', 92_331],
        ['dim_products_history', 92_331],
      ] as const) {
        await gate(client, dailyWorkflowId, model, { gate: 'output', outcome: 'pass', rows });
      }
    },
    hour: async (scene: ToldScene) => {
      await land(client, scene, scene.hour.baskets);
      const isEmpty = scene.hour.baskets.length === 0;
      const loadId = await load(
        client,
        scene.workflowId,
        isEmpty ? 'empty' : 'published',
        scene.hour.baskets.length,
      );
      if (!isEmpty)
        await gate(client, scene.workflowId, 'stg_transactions', {
          gate: 'input',
          outcome: 'pass',
          rows: 1,
          loadId,
        });
      await quarantine(client, scene);
      await publish(scene);
    },
    held: async (scene: ToldScene) => {
      await land(client, scene, spoiledHour(scene).lines);
      const loadId = await load(client, scene.workflowId, 'open', 0);
      await gate(client, scene.workflowId, 'stg_transactions', {
        gate: 'input',
        outcome: 'fail',
        rows: 24,
        loadId,
      });
      await client.query(
        `insert into control.lease (model, workflow_id, run_id, state) values ('stg_transactions', $1, '', 'held')`,
        [scene.workflowId],
      );
      await client.query(
        `insert into control.gate_result (evaluation_id, result, parameters)
         select max(evaluation_id), $1, '{}' from control.gate_run`,
        [JSON.stringify(failingResult(scene))],
      );
    },
    duringHold: (scene: ToldScene) => land(client, scene, scene.hour.baskets),
    shrunken: async (workflowId: string) => {
      await client.query(CHANGED_CUSTOMERS);
      for (const model of ['dim_products', 'dim_products_history'])
        await load(client, workflowId, 'published', 92_331, model);
      await gate(client, workflowId, 'dim_stores', { gate: 'output', outcome: 'fail', rows: 229 });
      await client.query(
        `insert into control.gate_result (evaluation_id, result, parameters)
         select max(evaluation_id), $1, '{}' from control.gate_run`,
        [JSON.stringify(shrunkenResult)],
      );
    },
    restored: async () => {
      await client.query('update gold.dim_stores_history set valid_to = $2 where store_id = $1', [
        rebuiltStore.storeId,
        nextRefresh,
      ]);
      await client.query(
        `insert into gold.dim_stores_history select store.*, $2 from operational.stores as store where store_id = $1`,
        [rebuiltStore.storeId, nextRefresh],
      );
    },
    mended: async (scene: ToldScene, waiting: readonly ToldScene[], decision: SentDecision) => {
      await landBaskets(client, scene, redelivery(scene).lines, 2);
      await client.query(
        `insert into control.retraction (source, file, revision, replaced_by, workflow_id)
         values ('raw_transactions', $1, 1, 2, $2)`,
        [fileOf(scene), scene.workflowId],
      );
      await client.query(
        `insert into control.decision (verdict_id, decision, reason, decided_by, model, workflow_id, run_id)
         values ($1, 'reloadAndRetry', $2, $3, 'stg_transactions', $4, '')`,
        [decision.verdictId, decision.reason, decision.by, scene.workflowId],
      );
      await client.query('delete from control.lease');
      await publish(scene, 2);
      for (const one of waiting) await publish(one);
    },
  };
}

/**
 * Temporal as it would answer: everything ended well but the held run, and later runs say who holds the model.
 *
 * @param heldRefresh id of the refresh that is held; null where none is.
 */
export function pretendedTemporal(
  held: () => ToldScene | null,
  heldRefresh: () => string | null,
): TemporalReadings {
  return {
    schedule: async (id) => ({
      exists: true,
      paused: true,
      overlap: 'ALLOW_ALL',
      workflow: id.startsWith('hourly') ? 'hourlyIncrementalLoad' : 'dailyDimensionRefresh',
    }),
    run: async (id) =>
      id === held()?.workflowId || id === heldRefresh()
        ? { status: 'RUNNING', gateState: 'held' }
        : { status: 'COMPLETED', gateState: 'passed' },
    outcomes: async (id) => {
      const isHeld = /T(?:16|17)$/.test(id) && held() !== null;
      const own = /T(?:08|09|10)$/.test(id) ? 'empty' : 'published';
      return {
        stg_transactions: isHeld
          ? {
              state: 'heldElsewhere',
              reason: `held by ${held()?.workflowId} since 2017-01-07T16:00Z; that run or …`,
            }
          : { state: own, reason: '' },
        fct_daily_sales: { state: isHeld ? 'left' : own, reason: '' },
        stg_pos_events: { state: 'published', reason: '' },
      };
    },
    details: async () => {
      const scene = held();
      const rows = scene ? spoiledHour(scene).broken.map(({ expectation }) => `| ${expectation} | | |`) : [];
      return ['**HELD**', ...rows, `| reloadAndRetry | {"verdictId":"${verdictId}"} |`].join('\n');
    },
    summaries: async () => [
      'plan hourly load',
      'extract raw_transactions',
      'open stg_transactions',
      'gate stg_transactions · input',
      'stage stg_pos_events',
      'stage stg_transactions',
      'gate stg_transactions · output',
      'publish stg_transactions · 36 rows',
      'open fct_daily_sales',
    ],
  };
}

/** The incident as the stand-in would tell it. */
export function pretendedIncident(scene: ToldScene, environment: string, status: string): IncidentFacts {
  const { broken, lines } = spoiledHour(scene);
  const text = JSON.stringify({
    what_broke: broken.map(({ expectation, rows }) => ({ expectation, rows: `${rows} of ${lines.length}` })),
    since: '2017-01-07T16:00:00.000Z',
    owner: 'store-data',
    tier: 1,
    downstream_held: ['fct_daily_sales'],
    objectives_at_risk: ['fct_daily_sales, 75 min: will be missed at 2017-01-07T17:15:00.000Z'],
    changed_lately: 'nothing',
    hold_ends: '2017-01-08T04:00:00.000Z',
    runbook: 'docs/runbooks/gate-held.md',
    links: [{ href: 'http://localhost/expectations/suites/transactions.json', text: 'Suite' }],
    what_to_press: { update: 'reloadAndRetry', verdictId },
    client_url: `http://localhost:8233/namespaces/default/workflows/${encodeURIComponent(scene.workflowId)}/1/history`,
  });
  const dedupKey = `weir/${environment}/stg_transactions/transactions`;
  return { dedupKey, status, createdAt: new Date().toISOString(), summary: '', text };
}

function fileOf({ hour }: ToldScene): string {
  return `transactions/${hour.name}.jsonl`;
}

/** The incident of the refresh that lost its stores. */
export function pretendedShrinking(environment: string, status: string): IncidentFacts {
  const dedupKey = `weir/${environment}/dim_stores/dim_stores`;
  return { dedupKey, status, createdAt: new Date().toISOString(), summary: '', text: '' };
}

async function land(client: pg.Client, scene: ToldScene, baskets: readonly string[]): Promise<void> {
  await landBaskets(client, scene, baskets, 1);
  const moved = [movementsOf(scene.hour.baskets), `pos_events/${scene.hour.name}.jsonl`];
  await client.query(MOVEMENTS, moved);
  await client.query(LANDED_MOVEMENTS, moved);
  for (const { file, lines } of scene.deliveries.filter((one) => one.file.startsWith('inventory/')))
    await client.query(COUNTS, [lines.slice(1), file]);
  await client.query('truncate gold.inventory_realtime');
  await client.query(STOCK);
}

async function landBaskets(
  client: pg.Client,
  scene: ToldScene,
  lines: readonly string[],
  revision: number,
): Promise<void> {
  await client.query(BRONZE, [lines, fileOf(scene), revision]);
}

async function quarantine(client: pg.Client, scene: ToldScene): Promise<void> {
  for (const { line, text, trouble } of malformedLines(scene)) {
    await client.query(
      `insert into control.quarantine (relation, file, revision, position, reason, record, workflow_id)
       values ('bronze.raw_transactions', $1, 1, $2, $3, $4, $5)`,
      [fileOf(scene), line, trouble, text, scene.workflowId],
    );
  }
}

async function load(
  client: pg.Client,
  workflowId: string,
  state: string,
  staged: number,
  model = 'stg_transactions',
): Promise<number> {
  const { rows } = await client.query<{ load_id: string }>(
    `insert into control.load (model, pipeline, workflow_id, run_id, state, read_window, system_identifier, timeline,
       as_of, rows_staged, sql_hash)
     values ($4, 'hourly', $1, '', $2, '{}', '', 1, now(), $3, '') returning load_id`,
    [workflowId, state, staged, model],
  );
  return Number(rows[0]?.load_id);
}

async function gate(
  client: pg.Client,
  workflowId: string,
  model: string,
  {
    gate,
    outcome,
    rows,
    loadId = null,
  }: { gate: string; outcome: string; rows: number; loadId?: number | null },
): Promise<void> {
  await client.query(
    `insert into control.gate_run (verdict_id, load_id, model, gate, suite, suite_hash, outcome, rows_checked,
       expectations_evaluated, expectations_failed, as_of, workflow_id, run_id)
     values ($1, $2, $3, $4, 'transactions', '', $5, $6, 8, 0, now(), $7, '')`,
    [verdictId, loadId, model, gate, outcome, rows, workflowId],
  );
}

/** The shape of Great Expectations' result, as far as the claims read it. */
function failingResult(scene: ToldScene): object {
  const failed = spoiledHour(scene).broken.map(({ expectation, column, rows }) => ({
    success: false,
    expectation_config: { type: expectation, kwargs: { column } },
    result: { unexpected_count: rows },
  }));
  const passed = {
    success: true,
    expectation_config: { type: 'expect_table_row_count_to_be_between', kwargs: {} },
    result: {},
  };
  return { success: false, results: [passed, ...failed] };
}

/** Of a refresh that lost half of its stores. */
const shrunkenResult = {
  success: false,
  results: [
    {
      success: false,
      expectation_config: {
        type: 'expect_table_row_count_to_be_between',
        kwargs: { min_value: 412 },
        description: 'Held by max_shrink of the header.',
      },
      result: { observed_value: 229 },
    },
  ],
};
