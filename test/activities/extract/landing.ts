import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sql } from 'kysely';
import { createExtract } from '../../../activities/extract.ts';
import type { Extracted } from '../../../activities/extract/reader.ts';
import type { Database } from '../../../activities/databases.ts';
import { freshDatabase } from '../../setup/database.ts';
import { folders, runOf } from '../shop.ts';

/** A record of bronze.raw_transactions and where it stands. */
export interface BronzeRow {
  readonly id: string | null;
  readonly revision: number;
  readonly line: number;
}

/** A row of quarantine: `record` as text, or in hex where it is no text. */
export interface QuarantineRow {
  readonly file: string;
  readonly revision: number;
  readonly line: number;
  readonly reason: string;
  readonly record: string | null;
}

/** A landing folder and a database with the shipped models that its files land in. */
export interface Landing {
  readonly admin: Database;
  /** As the login that lands rows. */
  readonly loader: Database;
  /** The folder of bronze.raw_transactions. */
  readonly folder: string;
  /** Delivers a file of transactions; its time is that minute of a day, so that tests decide what looks touched. */
  deliver(name: string, content: string | Uint8Array, minute?: number): Promise<void>;
  extract(source?: string): Promise<Extracted>;
  /** Rows of a file that reads still see, retracted ones not, in order. */
  seen(file: string): Promise<readonly BronzeRow[]>;
  /** Every row of a file, in order of revision and line. */
  bronze(file: string): Promise<readonly BronzeRow[]>;
  quarantine(): Promise<readonly QuarantineRow[]>;
  close(): Promise<void>;
}

/** Opens one of a test's own. */
export async function openLanding(): Promise<Landing> {
  const database = await freshDatabase();
  const { admin } = database;
  const landingFolder = await mkdtemp(join(tmpdir(), 'weir-landing-'));
  const folder = join(landingFolder, 'transactions');
  const { extract } = createExtract({ databases: database.databases, folders, landingFolder });
  return {
    admin,
    loader: database.databases.loader,
    folder,
    deliver: async (name, content, minute = 0) => {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      const time = new Date(Date.UTC(2017, 0, 2, 9, minute));
      await utimes(path, time, time);
    },
    extract: async (source = 'raw_transactions') => {
      const { source: _, ...extracted } = await extract({ source, run: runOf('extract-test') });
      return extracted;
    },
    seen: (file) => rowsOf(admin, 'delta.raw_transactions', file),
    bronze: (file) => rowsOf(admin, 'bronze.raw_transactions', file),
    quarantine: () => quarantineOf(admin),
    close: async () => {
      await Promise.all([database.drop(), rm(landingFolder, { recursive: true, force: true })]);
    },
  };
}

async function rowsOf(admin: Database, relation: string, file: string): Promise<readonly BronzeRow[]> {
  const { rows } = await sql<BronzeRow>`
    select transaction_id as id, _revision as revision, _position as line from ${sql.table(relation)}
    where _source = ${file} order by _revision, _position`.execute(admin);
  return rows;
}

async function quarantineOf(admin: Database): Promise<readonly QuarantineRow[]> {
  const { rows } = await sql<QuarantineRow>`
    select file, revision, position as line, reason, coalesce(record, encode(record_bytes, 'hex')) as record
    from control.quarantine where relation = 'bronze.raw_transactions' order by file, revision, position`.execute(
    admin,
  );
  return rows;
}

/** A line of a file of transactions, with its newline. */
export function line(id: string, more: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ transaction_id: id, store_id: 'STORE_00001', total_amount: 1, ...more })}\n`;
}

/** Rows of one revision, from line 1 without a gap. */
export function rows(ids: readonly (string | null)[], revision = 1): readonly BronzeRow[] {
  return ids.map((id, index) => ({ id, revision, line: index + 1 }));
}

/** What an extract did; what is left out is 0. */
export function did(counts: Partial<Extracted>): Extracted {
  return { files: 0, rows: 0, rejected: 0, retractedFiles: 0, ...counts };
}
