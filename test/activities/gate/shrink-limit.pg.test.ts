import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deployModels } from '../../../activities/deploy.ts';
import { createGate } from '../../../activities/gate.ts';
import { readRepository } from '../../../activities/repository.ts';
import type { RepositoryFolders } from '../../../activities/repository.ts';
import { freshDatabase } from '../../setup/database.ts';
import type { FreshDatabase } from '../../setup/database.ts';
import { runOf, stationsOf } from '../shop.ts';
import type { Stations } from '../shop.ts';

const described = 'owner: o\ndescription: d\ngrain: g\nschedule: daily';
const SOURCE = `/*
kind: source
${described}
reader: table
settings: {relation: operational.things, key: [id]}
columns: {id: {type: integer, description: d}}
*/`;
const modelOf = (kind: string): string => `/*
kind: ${kind}
${described}
unique_key: [id]
max_shrink: 0.43
gates: {output: {suite: things, on_failure: continue}}
*/
select id from bronze.raw_things`;
const SUITE = {
  name: 'things',
  expectations: [{ type: 'expect_column_values_to_not_be_null', kwargs: { column: 'id' } }],
  meta: { weir: { owner: 'o', runbook: 'docs/runbooks/gate-held.md', on_failure: 'continue' } },
};

let folder: string;
let files: RepositoryFolders;
let database: FreshDatabase;
let stations: Stations;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-shrink-'));
  files = { modelsFolder: join(folder, 'models'), suitesFolder: join(folder, 'suites') };
  for (const layer of ['bronze', 'gold']) await mkdir(join(files.modelsFolder, layer), { recursive: true });
  await mkdir(files.suitesFolder);
  await writeFile(join(files.suitesFolder, 'things.json'), JSON.stringify(SUITE));
  await writeFile(join(files.modelsFolder, 'bronze', 'raw_things.sql'), SOURCE);
  for (const kind of ['full_refresh', 'history'])
    await writeFile(join(files.modelsFolder, 'gold', `things_${kind}.sql`), modelOf(kind));
  database = await freshDatabase();
  await deployModels(database.admin, await readRepository(files));
  stations = stationsOf(database.databases, async () => false, files);
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

let runs = 0;

/** Loads a model up to its output gate, with so many rows in the source. */
async function look(model: string, rows: number) {
  await sql`truncate bronze.raw_things`.execute(database.admin);
  await sql`insert into bronze.raw_things (id, _source, _revision, _load, _position, _record_hash)
    select n, 't', 1, 1, n, md5(n::text)::uuid from generate_series(1, ${rows}::integer) as n`.execute(
    database.admin,
  );
  runs += 1;
  const run = runOf(`run-${runs}`);
  const asOf = new Date(Date.UTC(2017, 0, runs)).toISOString();
  const { loadId } = await stations.openWindow(model, run, { asOf, pipeline: 'daily' });
  const { attempt } = await stations.stage({ loadId, run });
  const { gate } = createGate({ databases: database.databases, folders: files });
  const verdict = await gate({ loadId, model, gate: 'output', suite: 'things', run });
  return { verdict, publish: (more = {}) => stations.publish({ loadId, run, attempt, ...more }) };
}

describe.each(['things_full_refresh', 'things_history'])(
  '%s, which may lose 43 of a hundred rows',
  (model) => {
    test('has no limit before anything is published', async () => {
      const { verdict, publish } = await look(model, 100);
      expect(verdict).toMatchObject({ outcome: 'pass', evaluated: 1 });
      await publish();
    });

    test('passes down to the limit, as decimals have it', async () => {
      expect((await look(model, 57)).verdict).toMatchObject({ outcome: 'pass', evaluated: 2 });
    });

    test('is held below it, whatever suite and gate say of failures, and says whose promise that is', async () => {
      const { verdict } = await look(model, 56);
      expect(verdict).toMatchObject({ outcome: 'fail', blocks: true, quarantine: null, evaluated: 2 });
      expect(verdict.failed).toMatchObject([
        {
          type: 'expect_table_row_count_to_be_between',
          severity: 'critical',
          onFailure: 'hold',
          expected: expect.stringMatching(
            /^rows at least 57 \(max_shrink: 0\.43 in .*things_(full_refresh|history)\.sql; 100 rows are published\)$/,
          ) as string,
          observed: '56 rows',
        },
      ]);
      const { rows } = await sql<{ shown: string }>`
      select result -> 'results' -> 1 -> 'expectation_config' ->> 'description' as shown
      from control.gate_result where evaluation_id = ${verdict.evaluationId}`.execute(database.admin);
      expect(rows[0]?.shown).toContain('max_shrink: 0.43');
    });

    test('is published by whoever overrides it, and the limit follows what stands then', async () => {
      const { verdict, publish } = await look(model, 10);
      expect(await publish({ override: { verdictId: verdict.verdictId } })).toMatchObject({ deleted: 90 });
      // Of a history ten rows are current, and ninety were.
      expect((await look(model, 6)).verdict.outcome).toBe('pass');
      expect((await look(model, 5)).verdict.outcome).toBe('fail');
    });

    test('may lose none of none', async () => {
      const { verdict, publish } = await look(model, 0);
      await publish({ override: { verdictId: verdict.verdictId } });
      expect((await look(model, 0)).verdict).toMatchObject({ outcome: 'pass', evaluated: 1 });
    });
  },
);
