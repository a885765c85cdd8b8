import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { deployModels } from '../../../../activities/deploy.ts';
import { createExtract } from '../../../../activities/extract.ts';
import type { Extracted } from '../../../../activities/extract/reader.ts';
import { readGraph } from '../../../../activities/repository.ts';
import { openSources } from '../../../../workers/sources.ts';
import { freshDatabase } from '../../../setup/database.ts';
import type { FreshDatabase } from '../../../setup/database.ts';
import { runOf } from '../../shop.ts';

/** A record as every source has it. `more` is JSON text. */
export interface SourceRecord {
  readonly id: string;
  readonly name: string | null;
  readonly amount: string | null;
  readonly big: string | null;
  readonly at: string | null;
  readonly born: string | null;
  readonly more: string | null;
  /** Grows with every change. */
  readonly seq: number;
}

/** What a reader's harness does with the source that it reads. */
export interface SourceHands {
  /** Brings new records. */
  readonly put: (records: readonly SourceRecord[]) => Promise<void>;
  /** Changes a record that was put, or takes it away: as the kind of source does that. */
  readonly change: (record: SourceRecord) => Promise<void>;
  readonly remove: (id: string) => Promise<void>;
}

/** How to run a reader through the cases that all of them must pass. One file a reader, of its name. */
export interface ReaderHarness {
  /** `revisions`: files. `state`: bronze is the source as it is now. `arrivals`: what changes comes again, what goes stays. */
  readonly kind: 'revisions' | 'state' | 'arrivals';
  /** Settings of the source, in YAML, a line each. */
  readonly settings: readonly string[];
  /** Makes the source. */
  readonly hands: (place: SourcePlace) => Promise<SourceHands>;
}

/** Where a harness may make its source. */
export interface SourcePlace {
  readonly database: FreshDatabase;
  /** The source's folder, for readers of files. */
  readonly folder: string;
}

/** A source, its reader and the bronze table it lands in. */
export interface Conformance extends SourceHands {
  readonly database: FreshDatabase;
  readonly extract: () => Promise<Extracted>;
  /** What reads see now, the latest version of each row, in order of id. */
  readonly rows: () => Promise<readonly SourceRecord[]>;
  /** How many rows reads see, earlier versions included. */
  readonly count: () => Promise<number>;
  readonly quarantine: () => Promise<readonly Kept[]>;
  readonly close: () => Promise<void>;
}

export interface Kept {
  readonly position: string;
  readonly reason: string;
  readonly record: string;
}

const columns =
  'id: text, name: text, amount: "numeric(12,2)", big: bigint, at: timestamp, born: date, more: jsonb, seq: bigint';

function modelText(reader: string, settings: readonly string[]): string {
  const listed = columns.split(', ').map((one) => {
    const [name = '', type = ''] = one.split(': ');
    return `  ${name}: {type: ${type}, description: A value}`;
  });
  const lines = [
    'kind: source',
    'schedule: hourly',
    'owner: tests',
    'description: Records.',
    'grain: a record',
  ];
  const more = [`reader: ${reader}`, 'settings:', ...settings.map((one) => `  ${one}`), 'time_column: at'];
  return ['/*', ...lines, ...more, 'columns:', ...listed, '*/', ''].join('\n');
}

/** Opens a source of a test's own for a reader. */
export async function openConformance(reader: string, harness: ReaderHarness): Promise<Conformance> {
  const database = await freshDatabase();
  const home = await mkdtemp(join(tmpdir(), 'weir-conformance-'));
  await mkdir(join(home, 'models', 'bronze'), { recursive: true });
  await mkdir(join(home, 'suites'));
  await writeFile(join(home, 'models', 'bronze', 'raw_source.sql'), modelText(reader, harness.settings));
  const folders = { modelsFolder: join(home, 'models'), suitesFolder: join(home, 'suites') };
  const landingFolder = join(home, 'landing');
  const folder = join(landingFolder, 'source');
  await mkdir(folder, { recursive: true });
  await deployModels(database.admin, { graph: await readGraph(folders) });
  const sources = openSources({ outside: database.adminUrl });
  const station = createExtract({
    databases: database.databases,
    folders,
    landingFolder,
    sourceDatabase: sources.connection,
  });
  return {
    database,
    ...(await harness.hands({ database, folder })),
    extract: async () => {
      const { source: _, ...extracted } = await station.extract({
        source: 'raw_source',
        run: runOf('conformance'),
      });
      return extracted;
    },
    rows: () => latestRows(database),
    count: async () => {
      const { rows } = await sql<{ rows: number }>`select count(*) as rows from delta.raw_source`.execute(
        database.admin,
      );
      return rows[0]?.rows ?? 0;
    },
    quarantine: () => keptOf(database),
    close: async () => {
      await sources.close();
      await Promise.all([database.drop(), rm(home, { recursive: true, force: true })]);
    },
  };
}

async function latestRows({ admin }: FreshDatabase): Promise<readonly SourceRecord[]> {
  const { rows } = await sql<SourceRecord>`
    select distinct on (id collate "C") id, name, amount::text, big::text, at::text, born::text, more::text, seq
    from delta.raw_source order by id collate "C", _revision desc, _load desc, _position desc`.execute(admin);
  return rows;
}

async function keptOf({ admin }: FreshDatabase): Promise<readonly Kept[]> {
  const { rows } = await sql<Kept>`
    select position::text, reason, coalesce(record, encode(record_bytes, 'hex')) as record
    from control.quarantine where relation = 'bronze.raw_source' order by quarantine_id`.execute(admin);
  return rows;
}

/** An ordinary record. */
export function record(id: string, seq: number, more: Partial<SourceRecord> = {}): SourceRecord {
  return {
    id,
    name: `name of ${id}`,
    amount: '1.50',
    big: null,
    at: '2017-01-02 10:00:00',
    born: null,
    more: null,
    seq,
    ...more,
  };
}
