import { beforeAll, describe, expect, it } from 'vitest';
import { readGraph } from '../../../activities/repository.ts';
import type { LateFacts } from '../../../activities/sample/late-facts.ts';
import { lateStations } from '../../../activities/sample/late-station.ts';
import { isPublished } from '../../../models/model.ts';
import type { Graph } from '../../../models/graph.ts';
import { folders } from '../shop.ts';

let graph: Graph;
beforeAll(async () => {
  graph = await readGraph(folders);
});

const NOW = new Date('2017-01-30T10:30:00Z');
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);
const run = { workflowId: 'hourly-incremental-load-2017-01-30T10:05:00Z', runId: 'r' };
const USUAL: Omit<LateFacts, 'model'> = {
  held: null,
  running: null,
  last: { state: 'published', openedAt: ago(25), run },
  pipelineOpenedAt: ago(25),
  drifted: null,
  quiet: { source: 'raw_transactions', since: ago(90) },
};

/** The stations of models, each with what differs from the usual. */
function stations(known: Readonly<Record<string, Partial<LateFacts>>>, paused: boolean | null = null) {
  const late = graph.models.filter(isPublished).filter(({ name }) => name in known);
  const facts = new Map(
    Object.entries(known).map(([model, differs]) => [model, { model, ...USUAL, ...differs }]),
  );
  const found = lateStations(graph, late, facts, NOW, () => paused);
  return Object.fromEntries([...found].map(([model, { words }]) => [model, words]));
}

const silver = 'stg_transactions';

describe('the late station', () => {
  it.each<readonly [string, Partial<LateFacts>]>([
    [
      'gate held: stg_transactions, since 2017-01-30 08:30 UTC',
      { held: { model: silver, since: ago(120), run }, drifted: 'raw_transactions' },
    ],
    ['extract: raw_transactions is not what its header says', { drifted: 'raw_transactions' }],
    [
      'stage or publish: under way since 2017-01-30 10:06 UTC',
      { running: { since: ago(24), run }, pipelineOpenedAt: ago(300) },
    ],
    [
      'stage or publish: its load of 2017-01-30 10:05 UTC was abandoned',
      { last: { state: 'abandoned', openedAt: ago(25), run } },
    ],
    [
      'extract: the hourly pipeline runs, and has opened no load of it since 2017-01-30 08:30 UTC',
      { last: { state: 'published', openedAt: ago(120), run } },
    ],
    ['extract: the hourly pipeline runs, and has opened no load of it yet', { last: null }],
    [
      'source silent: raw_transactions has brought nothing since 2017-01-30 09:00 UTC',
      { last: { state: 'empty', openedAt: ago(25), run } },
    ],
    [
      'source silent: its loads find nothing new',
      { last: { state: 'empty', openedAt: ago(25), run }, quiet: null },
    ],
    ['nobody runs it: the hourly pipeline has opened no load yet', { pipelineOpenedAt: null }],
    [
      'nobody runs it: the hourly pipeline has opened no load since 2017-01-30 09:10 UTC',
      { pipelineOpenedAt: ago(80) },
    ],
  ])('is %s', (words, differs) => {
    expect(stations({ [silver]: differs })).toEqual({ [silver]: words });
  });

  it('of a pipeline that nobody runs says that its schedule is paused, where that is known', () => {
    expect(stations({ [silver]: { pipelineOpenedAt: ago(80) } }, true)[silver]).toMatch(/^schedule paused: /);
    expect(stations({ [silver]: { pipelineOpenedAt: ago(80) } }, false)[silver]).toMatch(/^nobody runs it: /);
  });

  it('is not what has just begun: what is under way for a minute is as it should be', () => {
    const empty = { state: 'empty', openedAt: ago(25), run };
    expect(stations({ [silver]: { running: { since: ago(1), run }, last: empty } })[silver]).toMatch(
      /^source silent: /,
    );
  });

  it('is that of what a model reads, where its own loads did what they should', () => {
    expect(
      stations({
        [silver]: { drifted: 'raw_transactions' },
        fct_daily_sales: { last: { state: 'empty', openedAt: ago(25), run } },
      }),
    ).toEqual({
      [silver]: 'extract: raw_transactions is not what its header says',
      fct_daily_sales: 'extract: raw_transactions is not what its header says',
    });
  });
});
