import { sql } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { Database, DatabaseTransaction } from '../../databases.ts';
import type { LandedRecords, Revision } from '../records/revision.ts';
import { tells } from './file-drift.ts';
import type { LandingFile } from './list-files.ts';

/** What is noted of the latest revision of a file. */
export interface LatestRevision {
  readonly revision: number;
  readonly content_hash: string;
  readonly size_bytes: number;
  readonly modified_at: Date;
}

/** One file at a time: whoever comes second waits, and finds it landed. */
export async function lockFile(
  trx: DatabaseTransaction,
  source: SourceModel,
  file: LandingFile,
): Promise<void> {
  const what = `weir.extract ${source.name} ${file.name}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${what}, 0))`.execute(trx);
}

/** The latest revision of a file; null where none has landed. */
export async function latestRevision(
  trx: DatabaseTransaction,
  source: SourceModel,
  file: LandingFile,
): Promise<LatestRevision | null> {
  const row = await trx
    .selectFrom('control.landing')
    .select(['revision', 'content_hash', 'size_bytes', 'modified_at'])
    .where('source', '=', source.name)
    .where('file', '=', file.name)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** What has landed of a source, by name, size and time, as `stampOf` writes it. */
export async function landedStamps(loader: Database, source: SourceModel): Promise<ReadonlySet<string>> {
  const rows = await loader
    .selectFrom('control.landing')
    .distinctOn('file')
    .select(['file', 'size_bytes', 'modified_at'])
    .where('source', '=', source.name)
    .orderBy('file')
    .orderBy('revision', 'desc')
    .execute();
  return new Set(
    rows.map((row) => stampOf({ name: row.file, size: row.size_bytes, modifiedAt: row.modified_at })),
  );
}

/** By what a file is known without being read. */
export function stampOf({
  name,
  size,
  modifiedAt,
}: Pick<LandingFile, 'name' | 'size' | 'modifiedAt'>): string {
  return JSON.stringify([name, size, modifiedAt.getTime()]);
}

/** The columns that every record of the last file had that tells something of them; none before the first. */
export async function columnsBefore(
  trx: DatabaseTransaction,
  source: SourceModel,
): Promise<readonly string[]> {
  const row = await trx
    .selectFrom('control.landing')
    .select('whole_columns')
    .where('source', '=', source.name)
    .where('whole_columns', 'is not', null)
    .orderBy('load_sequence', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.whole_columns ?? [];
}

/** The next load sequences, in order: a later one is a later version of what it brings. */
export async function nextLoadSequences(
  db: Database | DatabaseTransaction,
  many: number,
): Promise<readonly number[]> {
  const { rows } = await sql<{ load: number }>`
    select nextval('control.load_sequence') as load from generate_series(1, ${many}::int)`.execute(db);
  return rows.map(({ load }) => load).toSorted((a, b) => a - b);
}

/** Notes that a file was touched and is the same, so as not to be read again. */
export async function noteTouched(
  trx: DatabaseTransaction,
  source: SourceModel,
  file: LandingFile,
  { revision }: LatestRevision,
): Promise<void> {
  await trx
    .updateTable('control.landing')
    .set({ modified_at: file.modifiedAt, size_bytes: file.size })
    .where('source', '=', source.name)
    .where('file', '=', file.name)
    .where('revision', '=', revision)
    .execute();
}

/** Notes that a revision has landed. */
export async function noteLanding(
  trx: DatabaseTransaction,
  source: SourceModel,
  file: LandingFile,
  { revision, loadSequence, workflowId }: Revision,
  content: LandedRecords & { readonly hash: string; readonly columns: readonly string[] },
): Promise<void> {
  await trx
    .insertInto('control.landing')
    .values({
      source: source.name,
      file: file.name,
      revision,
      content_hash: content.hash,
      size_bytes: file.size,
      modified_at: file.modifiedAt,
      load_sequence: loadSequence,
      rows_landed: content.landed,
      rows_rejected: content.rejected,
      workflow_id: workflowId,
      whole_columns: tells(content) ? [...content.columns] : null,
    })
    .execute();
}

/** Takes the revisions before this one out of every read from now on. */
export async function retract(
  trx: DatabaseTransaction,
  source: SourceModel,
  { file, revision, workflowId }: Revision,
): Promise<void> {
  await sql`
    insert into control.retraction (source, file, revision, replaced_by, workflow_id)
    select l.source, l.file, l.revision, ${revision}, ${workflowId} from control.landing as l
    where l.source = ${source.name} and l.file = ${file} and l.revision < ${revision}
    on conflict (source, file, revision) do nothing`.execute(trx);
}
