import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { deployModels } from '../../activities/deploy.ts';
import type { Published } from '../../activities/publish.ts';
import { readRepository } from '../../activities/repository.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import { freshDatabase } from '../setup/database.ts';
import type { FreshDatabase } from '../setup/database.ts';
import { runOf, stationsOf } from './shop.ts';
import type { Stations } from './shop.ts';

const described = 'owner: o\ndescription: d\ngrain: g\nschedule: daily';
const ungated = 'gate: none\ngate_reason: a test';

const SOURCE = `/*
kind: source
${described}
reader: table
settings: {relation: operational.things, key: [id]}
columns:
  id: {type: text, description: d}
  half: {type: integer, description: d}
  size: {type: integer, description: d}
*/`;
const HISTORY = `/*
kind: history
${described}
unique_key: [id, half]
${ungated}
columns:
  valid_to: {description: Until when it stood}
*/
select id, half, size, now() as last_updated from bronze.raw_things`;
/** Counts how often a thing has changed: reads the delta of a history. */
const READER = `/*
kind: incremental
${described}
unique_key: [id]
${ungated}
touched: {things_history: select id from delta.things_history}
*/
select id, count(*) as versions
from touched.thing_versions join gold.things_history using (id) group by id`;

/** What the source says: a thing's size, which may be unknown, by its id. */
export type State = Readonly<Record<string, number | null>>;

/** A database with a source of things, their history, and a model that reads the history's delta. */
export interface Things {
  readonly files: RepositoryFolders;
  readonly database: FreshDatabase;
  readonly stations: Stations;
  /** As if nothing had been loaded yet. */
  forget(): Promise<void>;
  /** Makes bronze say this. */
  says(state: State): Promise<void>;
  /** The same, and loads the history as of a time. */
  record(state: State, asOf: string): Promise<Published>;
  close(): Promise<void>;
}

export async function openThings(): Promise<Things> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-history-'));
  const files = { modelsFolder: join(folder, 'models'), suitesFolder: join(folder, 'suites') };
  for (const layer of ['bronze', 'gold']) await mkdir(join(files.modelsFolder, layer), { recursive: true });
  await mkdir(files.suitesFolder);
  await writeFile(join(files.modelsFolder, 'bronze', 'raw_things.sql'), SOURCE);
  await writeFile(join(files.modelsFolder, 'gold', 'things_history.sql'), HISTORY);
  await writeFile(join(files.modelsFolder, 'gold', 'thing_versions.sql'), READER);
  const database = await freshDatabase();
  await deployModels(database.admin, await readRepository(files));
  const stations = stationsOf(database.databases, async () => false, files);
  let runs = 0;
  return {
    files,
    database,
    stations,
    forget: () => forget(database),
    says: (state) => says(database, state),
    record: async (state, asOf) => {
      await says(database, state);
      runs += 1;
      return stations.load('things_history', runOf(`history-${runs}`), { asOf, pipeline: 'daily' });
    },
    close: async () => {
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

async function forget({ admin }: FreshDatabase): Promise<void> {
  const tables = [
    'gold.things_history',
    'gold.thing_versions',
    'changes.things_history',
    'changes.thing_versions',
    'control.watermark',
    'control.lease',
    'control.target',
    'control.gate_run',
    'control.batch_quarantine',
    'control.load',
  ];
  // Quicker than to truncate what has a handful of rows.
  for (const table of tables) await sql`delete from ${sql.table(table)}`.execute(admin);
}

async function says({ admin }: FreshDatabase, state: State): Promise<void> {
  await sql`delete from bronze.raw_things`.execute(admin);
  await sql`
    insert into bronze.raw_things (id, half, size, _source, _revision, _load, _position, _record_hash)
    select id, 1, size, 't', 1, 1, 0, md5(id)::uuid from jsonb_each(${JSON.stringify(state)}::jsonb) as e (id, value),
      lateral (select (value #>> '{}')::integer as size) as given`.execute(admin);
}
