import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readGraph } from '../../activities/repository.ts';
import { MINUTE_HEADERS, minuteModels } from '../../cli/new/minute-models.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import { objectiveTooShort } from '../../models/objective-rule.ts';
import { folders } from '../activities/shop.ts';

let modelsFolder: string;
beforeEach(() => {
  modelsFolder = path.join(mkdtempSync(path.join(tmpdir(), 'weir-')), 'models');
  for (const { file, text } of minuteModels(folders.modelsFolder, modelsFolder)) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
});
afterEach(() => rmSync(path.dirname(modelsFolder), { recursive: true }));

function edit(file: string, from: string | RegExp, to: string): void {
  const at = path.join(modelsFolder, file);
  writeFileSync(at, readFileSync(at, 'utf8').replace(from, to));
}

const graphNow = (): Promise<Graph> => readGraph({ ...folders, modelsFolder });

function refusal(graph: Graph, name: string, usual: number | null): string | null {
  const model = graph.byName.get(name);
  if (model === undefined || !isPublished(model)) throw new Error(`no model ${name}`);
  return objectiveTooShort(model, graph, usual);
}

describe('the models of a minute', () => {
  test('differ from the shipped ones in two header lines of four models, and are taken as they are', async () => {
    const differing = minuteModels(folders.modelsFolder, modelsFolder).flatMap(({ file, text }) => {
      const shipped = path.join(folders.modelsFolder, path.relative(modelsFolder, file));
      const before = readFileSync(shipped, 'utf8').split('\n');
      return text
        .split('\n')
        .flatMap((line, at) => (line === before[at] ? [] : [`${path.basename(file, '.sql')} ${line}`]));
    });
    expect(differing.toSorted()).toEqual(
      Object.entries(MINUTE_HEADERS)
        .flatMap(([name, { objective, target }]) => [
          `${name} freshness: {objective: ${objective}, target: ${target}}`,
          `${name} schedule: minute`,
        ])
        .toSorted(),
    );
    const { models } = await graphNow();
    expect(models.filter(({ schedule }) => schedule === 'minute').map(({ name }) => name)).toEqual([
      'stg_inventory',
      'stg_pos_events',
      'stg_transactions',
      'inventory_realtime',
    ]);
  });
});

describe('a freshness objective', () => {
  test('is as long as schedule and usual load at least', async () => {
    const graph = await graphNow();
    expect(refusal(graph, 'stg_inventory', null)).toBe(null);
    expect(refusal(graph, 'stg_inventory', 60)).toBe(null);
    expect(refusal(graph, 'stg_inventory', 61)).toMatch(
      /^models\/silver\/stg_inventory\.sql:\d+: a freshness objective of 2 minutes, and it is loaded each minute; its loads usually take 61 s: it would be missed every time\. Say at least 3 minutes\.$/,
    );
    expect(refusal(graph, 'fct_daily_sales', null)).toBe(null);
    expect(refusal(graph, 'fct_daily_sales', 901)).toContain(
      'Say at least 76 minutes, or load it more often (schedule: minute is the quickest).',
    );
  });

  test('counts the schedule alone where the ledger knows no load, and has the line of its header', async () => {
    edit('silver/stg_inventory.sql', 'schedule: minute', 'schedule: hourly');
    const graph = await graphNow();
    const lines = readFileSync(path.join(modelsFolder, 'silver/stg_inventory.sql'), 'utf8').split('\n');
    const line = lines.findIndex((one) => one.startsWith('freshness:')) + 1;
    expect(refusal(graph, 'stg_inventory', null)).toBe(
      `models/silver/stg_inventory.sql:${line}: a freshness objective of 2 minutes, and it is loaded hourly; no load of it is in ` +
        'the ledger yet: it would be missed every time. Say at least 60 minutes, or load it more often (schedule: minute is the quickest).',
    );
  });

  test('is no shorter than the schedule of the model that brings its rows', async () => {
    for (const name of ['stg_inventory', 'stg_pos_events'])
      edit(`silver/${name}.sql`, 'schedule: minute', 'schedule: hourly');
    const graph = await graphNow();
    expect(refusal(graph, 'inventory_realtime', 2)).toContain(
      'and silver.stg_inventory, which brings it rows, is loaded hourly; its loads usually take 2 s: it would be missed every time. Say at least 61 minutes',
    );
    edit('silver/stg_pos_events.sql', 'schedule: hourly', 'schedule: minute');
    expect(refusal(await graphNow(), 'inventory_realtime', 2)).toBe(null);
  });
});
