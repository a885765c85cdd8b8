import { sql } from 'kysely';
import type { SourceModel } from '../../../models/model.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import type { Extraction } from '../reader.ts';
import type { LandingFile } from './files.ts';
import { isBrokenPack, readLines } from './lines.ts';
import type { Lines } from './lines.ts';
import { rejectBytes, rejectFile } from './statements.ts';
import type { LandedLines, Revision } from './statements.ts';
import { isBeyondPostgres, takeText, takeTextPiecemeal } from './take-text.ts';
import type { TakeText } from './take-text.ts';

/** What became of a file: `unchanged` when its content is that of the latest revision already, `gone` when it went away. */
export interface FileOutcome extends LandedLines {
  readonly state: 'landed' | 'unchanged' | 'gone';
  /** Whether it took the place of an earlier revision. */
  readonly retracted: boolean;
}

/** In the place of a hash, for a packed file that cannot be unpacked. */
const broken = 'broken';

interface LatestRevision {
  readonly revision: number;
  readonly content_hash: string;
  readonly size_bytes: number;
  readonly modified_at: Date;
}

/**
 * Lands a file: rows, quarantine, the note that it landed and the retraction of what it replaces, in one transaction.
 * Whoever dies before the commit leaves nothing; whoever comes second waits, and finds it landed.
 *
 * A packed file that is broken is kept in quarantine as a whole, and retracts nothing: what was landed before it stands
 * until a file comes that can be read.
 */
export async function landFile(
  extraction: Extraction,
  file: LandingFile,
  required: readonly string[],
): Promise<FileOutcome> {
  const { source } = extraction;
  try {
    return await landOrKeep(extraction, file, takeText(source, required));
  } catch (error) {
    if (!isBeyondPostgres(error)) throw error;
    return landOrKeep(extraction, file, takeTextPiecemeal(source, required));
  }
}

async function landOrKeep(extraction: Extraction, file: LandingFile, take: TakeText): Promise<FileOutcome> {
  try {
    return await inTransaction(extraction, file, (trx, latest) =>
      landContent(trx, extraction, file, take, latest),
    );
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return nothing('gone');
    if (!isBrokenPack(error)) throw error;
    return inTransaction(extraction, file, (trx, latest) => keepBroken(trx, extraction, file, latest));
  }
}

function nothing(state: FileOutcome['state']): FileOutcome {
  return { state, landed: 0, rejected: 0, retracted: false };
}

async function inTransaction(
  { source, loader }: Extraction,
  file: LandingFile,
  work: (trx: DatabaseTransaction, latest: LatestRevision | null) => Promise<FileOutcome>,
): Promise<FileOutcome> {
  return loader.transaction().execute(async (trx) => {
    await lockFile(trx, source, file);
    const latest = await latestRevision(trx, source, file);
    const known = latest !== null && (await isSameContent(trx, source, file, latest));
    return known ? nothing('unchanged') : work(trx, latest);
  });
}

async function landContent(
  trx: DatabaseTransaction,
  { source, run, signal }: Extraction,
  file: LandingFile,
  take: TakeText,
  latest: LatestRevision | null,
): Promise<FileOutcome> {
  const revision = await newRevision(trx, file, latest, run.workflowId);
  const counts = { landed: 0, rejected: 0 };
  const hash = await readLines(file.path, async (lines) => {
    signal.throwIfAborted();
    const done = await takeLines(trx, source, take, revision, lines);
    counts.landed += done.landed;
    counts.rejected += done.rejected;
  });
  await noteLanding(trx, source, file, revision, hash, counts);
  if (latest !== null) await retract(trx, source, revision);
  return { state: 'landed', ...counts, retracted: latest !== null };
}

async function keepBroken(
  trx: DatabaseTransaction,
  { source, run }: Extraction,
  file: LandingFile,
  latest: LatestRevision | null,
): Promise<FileOutcome> {
  const revision = await newRevision(trx, file, latest, run.workflowId);
  const counts = { landed: 0, rejected: 1 };
  await rejectFile(source, revision, 'not a gzip file that can be unpacked to its end').execute(trx);
  await noteLanding(trx, source, file, revision, broken, counts);
  return { state: 'landed', ...counts, retracted: false };
}

async function newRevision(
  trx: DatabaseTransaction,
  file: LandingFile,
  latest: LatestRevision | null,
  workflowId: string,
): Promise<Revision> {
  return {
    file: file.name,
    revision: (latest?.revision ?? 0) + 1,
    loadSequence: await nextLoadSequence(trx),
    workflowId,
  };
}

async function lockFile(trx: DatabaseTransaction, source: SourceModel, file: LandingFile): Promise<void> {
  const what = `weir.extract ${source.name} ${file.name}`;
  await sql`select pg_advisory_xact_lock(hashtextextended(${what}, 0))`.execute(trx);
}

async function latestRevision(
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

/** Another time is not another content: only a hash tells. A file that was merely touched is noted, so as not to be read again. */
async function isSameContent(
  trx: DatabaseTransaction,
  source: SourceModel,
  file: LandingFile,
  latest: LatestRevision,
): Promise<boolean> {
  if (latest.size_bytes === file.size && latest.modified_at.getTime() === file.modifiedAt.getTime())
    return true;
  const hash = await readLines(file.path, async () => undefined).catch((error: unknown) => {
    if (isBrokenPack(error)) return broken;
    throw error;
  });
  if (hash !== latest.content_hash) return false;
  await trx
    .updateTable('control.landing')
    .set({ modified_at: file.modifiedAt, size_bytes: file.size })
    .where('source', '=', source.name)
    .where('file', '=', file.name)
    .where('revision', '=', latest.revision)
    .execute();
  return true;
}

async function nextLoadSequence(trx: DatabaseTransaction): Promise<number> {
  const { rows } = await sql<{ load: number }>`select nextval('control.load_sequence') as load`.execute(trx);
  const load = rows[0]?.load;
  if (load === undefined) throw new Error('control.load_sequence gave no number.');
  return load;
}

async function takeLines(
  trx: DatabaseTransaction,
  source: SourceModel,
  take: TakeText,
  revision: Revision,
  { first, text, foreign }: Lines,
): Promise<LandedLines> {
  const { landed, rejected } = await take(trx, revision, text, first);
  for (const { position, bytes } of foreign)
    await rejectBytes(source, revision, position, bytes).execute(trx);
  return { landed, rejected: rejected + foreign.length };
}

async function noteLanding(
  trx: DatabaseTransaction,
  source: SourceModel,
  file: LandingFile,
  { revision, loadSequence, workflowId }: Revision,
  hash: string,
  { landed, rejected }: LandedLines,
): Promise<void> {
  await trx
    .insertInto('control.landing')
    .values({
      source: source.name,
      file: file.name,
      revision,
      content_hash: hash,
      size_bytes: file.size,
      modified_at: file.modifiedAt,
      load_sequence: loadSequence,
      rows_landed: landed,
      rows_rejected: rejected,
      workflow_id: workflowId,
    })
    .execute();
}

/** Takes the revisions before this one out of every read from now on. */
async function retract(
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
