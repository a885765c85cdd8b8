import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../poll.ts';
import { AS_OF, basket, baskets } from '../setup/baskets.ts';
import { testWeir, type Run, type TestWeir } from '../setup/weir.ts';

const GUIDE = path.resolve(import.meta.dirname, '..', '..', 'docs', 'guides', 'runs.md');

/** The guide's saved views, by name. */
const views = new Map(
  [...readFileSync(GUIDE, 'utf8').matchAll(/^\| ([a-z ,]+) \| `(\w+ ?(?:[=!<>]|IS).*)` \|$/gm)].map(
    ([, name = '', query = '']) => [name, query],
  ),
);

describe('the saved views of the guide', () => {
  let weir: TestWeir;
  let held: Run;
  let left: Run;
  let dry: Run;
  beforeAll(async () => {
    weir = await testWeir();
    await weir.loadDimensions();
    await weir.land('transactions/2017-01-02T08.jsonl', [
      ...baskets(1, 9),
      basket(9, { total_amount: '100000.01' }),
    ]);
    held = await weir.run('hourly', { asOf: AS_OF });
    await weir.heldVerdict('stg_transactions');
    left = await weir.run('hourly', { asOf: AS_OF, models: ['stg_transactions'] });
    await left.result();
    dry = await weir.run('hourly', { asOf: AS_OF, dryRun: true });
    await dry.result();
  });
  afterAll(async () => {
    await weir.temporal.client.workflow.getHandle(held.workflowId).terminate('the test is over');
    await weir.close();
  });

  it('are these', () => {
    expect([...views.keys()]).toEqual([
      'held now',
      'held by a suite',
      'failed, the last day',
      'left a model to another run',
      'loads of one model',
      'what loaded an interval',
      'started by hand',
      'without dry runs',
      'open incidents',
    ]);
  });

  const found = async (view: string): Promise<ReadonlySet<string>> => {
    const ids = new Set<string>();
    for await (const { workflowId } of weir.temporal.client.workflow.list({ query: views.get(view) ?? '' }))
      ids.add(workflowId);
    return ids;
  };

  it.each([...views.keys()])('"%s" is a query that the server takes', async (view) => {
    expect(await found(view)).toBeInstanceOf(Set);
  });

  it.each([
    ['held now', () => held, () => left],
    ['held by a suite', () => held, () => left],
    ['left a model to another run', () => left, () => dry],
    ['loads of one model', () => left, () => dry],
    ['what loaded an interval', () => held, () => undefined],
    ['started by hand', () => held, () => undefined],
    ['without dry runs', () => left, () => dry],
  ])('"%s" finds what it says, and not what it does not', async (view, meant, other) => {
    await until(async () => (await found(view)).has(meant().workflowId), {
      what: `${view} finds it`,
      timeoutMs: 60_000,
    });
    expect((await found(view)).has(other()?.workflowId ?? '')).toBe(false);
  });
});
