import { beforeAll, describe, expect, test } from 'vitest';
import { readGraph } from '../../activities/repository.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import { planPipeline } from '../../models/plan.ts';
import { folders } from '../activities/shop.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await readGraph(folders);
});

const salesViews = ['daily_sales_by_region', 'daily_sales_by_store', 'monthly_sales_by_region'];
const published = { runbook: 'docs/runbooks/gate-held.md', gateReason: null };

test('the shipped models are read, in dependency order', () => {
  expect(graph.models.map(({ relation }) => relation)).toEqual([
    'bronze.raw_customers',
    'bronze.raw_inventory',
    'bronze.raw_pos_events',
    'bronze.raw_products',
    'bronze.raw_stores',
    'bronze.raw_transactions',
    'silver.stg_inventory',
    'silver.stg_pos_events',
    'silver.stg_transactions',
    'gold.dim_products',
    'gold.dim_products_history',
    'gold.dim_stores',
    'gold.dim_stores_history',
    'gold.fct_daily_sales',
    'gold.inventory_realtime',
    'semantic.daily_sales_by_region',
    'semantic.daily_sales_by_store',
    'semantic.inventory_alerts',
    'semantic.monthly_sales_by_region',
  ]);
  expect(graph.models.filter(isPublished).map(({ name, shape }) => [name, shape.kind])).toEqual([
    ['stg_inventory', 'map'],
    ['stg_pos_events', 'map'],
    ['stg_transactions', 'map'],
    ['dim_products', 'whole'],
    ['dim_products_history', 'whole'],
    ['dim_stores', 'whole'],
    ['dim_stores_history', 'whole'],
    ['fct_daily_sales', 'touched'],
    ['inventory_realtime', 'touched'],
  ]);
});

describe('the plan', () => {
  test('of an hour', () => {
    expect(planPipeline(graph, { pipeline: 'hourly' })).toEqual({
      pipeline: 'hourly',
      sources: [
        { name: 'raw_inventory', reader: 'csv', relation: 'bronze.raw_inventory' },
        { name: 'raw_pos_events', reader: 'json_lines', relation: 'bronze.raw_pos_events' },
        { name: 'raw_transactions', reader: 'json_lines', relation: 'bronze.raw_transactions' },
      ],
      models: [
        {
          ...published,
          name: 'stg_inventory',
          relation: 'silver.stg_inventory',
          kind: 'incremental',
          owner: 'inventory',
          tier: 1,
          sources: ['raw_inventory'],
          upstream: [],
          downstream: ['inventory_realtime', 'inventory_alerts'],
          gates: { input: { suite: 'inventory' }, output: { suite: 'stg_inventory' } },
        },
        {
          ...published,
          name: 'stg_pos_events',
          relation: 'silver.stg_pos_events',
          kind: 'incremental',
          owner: 'inventory',
          tier: 1,
          sources: ['raw_pos_events'],
          upstream: [],
          downstream: ['inventory_realtime', 'inventory_alerts'],
          gates: { input: { suite: 'pos_events' }, output: { suite: 'stg_pos_events' } },
        },
        {
          ...published,
          name: 'stg_transactions',
          relation: 'silver.stg_transactions',
          kind: 'incremental',
          owner: 'store-data',
          tier: 1,
          sources: ['raw_transactions'],
          upstream: [],
          downstream: ['fct_daily_sales', ...salesViews],
          gates: { input: { suite: 'transactions' }, output: { suite: 'stg_transactions' } },
        },
        {
          ...published,
          name: 'fct_daily_sales',
          relation: 'gold.fct_daily_sales',
          kind: 'incremental',
          owner: 'store-data',
          tier: 1,
          sources: [],
          upstream: ['stg_transactions'],
          downstream: salesViews,
          gates: { input: null, output: { suite: 'fct_daily_sales' } },
        },
        {
          ...published,
          name: 'inventory_realtime',
          relation: 'gold.inventory_realtime',
          kind: 'incremental',
          owner: 'inventory',
          tier: 1,
          sources: [],
          upstream: ['stg_inventory', 'stg_pos_events'],
          downstream: ['inventory_alerts'],
          gates: { input: null, output: { suite: 'inventory_realtime' } },
        },
      ],
    });
  });

  test('of a day', () => {
    const dimension = { ...published, tier: 2, kind: 'full_refresh', upstream: [] };
    const timeless = 'a history goes on from now, and has no past to read again';
    const history = { ...published, kind: 'history', tier: 3, sources: [], downstream: [], timeless };
    expect(planPipeline(graph, { pipeline: 'daily' })).toEqual({
      pipeline: 'daily',
      sources: [
        { name: 'raw_customers', reader: 'postgres_hash', relation: 'bronze.raw_customers' },
        { name: 'raw_products', reader: 'table', relation: 'bronze.raw_products' },
        { name: 'raw_stores', reader: 'table', relation: 'bronze.raw_stores' },
      ],
      models: [
        {
          ...dimension,
          name: 'dim_products',
          relation: 'gold.dim_products',
          owner: 'merchandising',
          sources: ['raw_products'],
          downstream: ['dim_products_history', 'inventory_alerts'],
          gates: { input: null, output: { suite: 'dim_products' } },
        },
        {
          ...history,
          name: 'dim_products_history',
          relation: 'gold.dim_products_history',
          owner: 'merchandising',
          upstream: ['dim_products'],
          gates: { input: null, output: { suite: 'dim_products_history' } },
        },
        {
          ...dimension,
          name: 'dim_stores',
          relation: 'gold.dim_stores',
          owner: 'store-data',
          sources: ['raw_stores'],
          downstream: [
            'dim_stores_history',
            'fct_daily_sales',
            'inventory_alerts',
            'daily_sales_by_region',
            'daily_sales_by_store',
            'monthly_sales_by_region',
          ],
          gates: { input: null, output: { suite: 'dim_stores' } },
        },
        {
          ...history,
          name: 'dim_stores_history',
          relation: 'gold.dim_stores_history',
          owner: 'store-data',
          upstream: ['dim_stores'],
          gates: { input: null, output: { suite: 'dim_stores_history' } },
        },
      ],
    });
  });

  test('of some models has their sources only, and waits for nothing that was not asked for', () => {
    const planned = planPipeline(graph, {
      pipeline: 'hourly',
      models: ['fct_daily_sales', 'stg_pos_events'],
    });
    expect(planned.sources.map(({ name }) => name)).toEqual(['raw_pos_events']);
    expect(planned.models.map(({ name, upstream }) => [name, upstream])).toEqual([
      ['stg_pos_events', []],
      ['fct_daily_sales', []],
    ]);
  });

  test('of models that the pipeline does not have is refused, each with its reason', () => {
    const models = [
      'stg_transactions',
      'dim_stores',
      'stg_transaction',
      'raw_transactions',
      'daily_sales_by_region',
    ];
    expect(() => planPipeline(graph, { pipeline: 'hourly', models })).toThrow(
      'The hourly pipeline cannot run these models: dim_stores is daily; stg_transaction does not exist; ' +
        'raw_transactions is a source and is not published; daily_sales_by_region is a view and is not published. ' +
        'It has stg_inventory, stg_pos_events, stg_transactions, fct_daily_sales, inventory_realtime.',
    );
  });
});

test('a run by event time leaves alone what no delta bounds in time', () => {
  const byName = new Map(graph.byName);
  const source = byName.get('raw_transactions');
  if (source !== undefined) byName.set('raw_transactions', { ...source, timeColumn: null });
  const { models } = planPipeline({ ...graph, byName }, { pipeline: 'hourly' });
  expect(models.flatMap(({ name, timeless }) => (timeless === undefined ? [] : [[name, timeless]]))).toEqual([
    ['stg_transactions', 'none of the deltas it reads has a time_column'],
  ]);
});

describe('a rebuild', () => {
  const rebuild = (
    pipeline: 'hourly' | 'daily',
    fullRefresh: readonly string[],
    models?: readonly string[],
  ) => planPipeline(graph, { pipeline, fullRefresh, ...(models === undefined ? {} : { models }) });

  test('is of incremental models of the run', () => {
    expect(rebuild('hourly', ['stg_transactions']).models.length).toBeGreaterThan(1);
    expect(() => rebuild('hourly', ['stg_transactions', 'fct_daily_sales'], ['stg_transactions'])).toThrow(
      'fct_daily_sales is not among the models of this run',
    );
    expect(() => rebuild('daily', ['dim_stores', 'dim_stores_history'])).toThrow(
      /dim_stores is full_refresh, so every run makes it anew.*; dim_stores_history is history: its versions are in no other/,
    );
  });
});

test('a plan whose sources have landed extracts nothing, and knows what a reload would extract', () => {
  const plan = planPipeline(graph, { pipeline: 'hourly', models: ['stg_transactions'], landed: true });
  expect(plan.sources).toEqual([]);
  expect(plan.models).toMatchObject([{ name: 'stg_transactions', sources: ['raw_transactions'] }]);
});

test('a replay extracts nothing', () => {
  const { sources, models } = planPipeline(graph, {
    pipeline: 'hourly',
    models: ['stg_transactions'],
    replay: 7,
  });
  expect(sources).toEqual([]);
  expect(models).toMatchObject([{ name: 'stg_transactions', sources: [] }]);
});
