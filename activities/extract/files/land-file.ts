import { cancelWith } from '../../cancel-query.ts';
import type { DatabaseTransaction } from '../../databases.ts';
import type { Extraction, SourceDrift } from '../reader.ts';
import { rejectFile } from '../records/reject.ts';
import { noRecords } from '../records/revision.ts';
import type { LandedRecords, Revision } from '../records/revision.ts';
import { Drifted, isBeyondPostgres } from './file-format.ts';
import type { FileFormat, LandedContent } from './file-format.ts';
import type { LandingFile } from './list-files.ts';
import { columnsBefore, latestRevision, lockFile, noteLanding, noteTouched, retract } from './notes.ts';
import type { LatestRevision } from './notes.ts';
import { hashContent, isBrokenPack, readContent, StillWritten } from './read-content.ts';

/**
 * What became of a file: `unchanged` when its content is that of the latest revision already, `gone` when it went away,
 * `growing` when it was written to meanwhile, `drifted` when it is not what the source's header says. Of the last two
 * nothing has landed.
 */
export interface FileOutcome extends LandedRecords {
  readonly state: 'landed' | 'unchanged' | 'gone' | 'growing' | 'drifted';
  /** Whether it took the place of an earlier revision. */
  readonly retracted: boolean;
  readonly drift: readonly SourceDrift[];
  /** Columns of the file that the source's header does not name. */
  readonly unread: readonly string[];
}

/** In the place of a hash, for a packed file that cannot be unpacked. */
const broken = 'broken';

/**
 * Lands a file: rows, quarantine, the note that it landed and the retraction of what it replaces, in one transaction.
 * Whoever dies before the commit leaves nothing; whoever comes second waits, and finds it landed.
 *
 * A packed file that is broken is kept in quarantine as a whole, and retracts nothing: what was landed before it stands
 * until a file comes that can be read.
 *
 * @param loadSequence of its rows: a later file has a higher one.
 */
export async function landFile(
  extraction: Extraction,
  format: FileFormat,
  file: LandingFile,
  loadSequence: number,
): Promise<FileOutcome> {
  try {
    return await landOrKeep(extraction, { format, file, loadSequence, careful: false });
  } catch (error) {
    if (!isBeyondPostgres(error)) throw error;
    return landOrKeep(extraction, { format, file, loadSequence, careful: true });
  }
}

interface Task {
  readonly format: FileFormat;
  readonly file: LandingFile;
  readonly loadSequence: number;
  readonly careful: boolean;
}

async function landOrKeep(extraction: Extraction, task: Task): Promise<FileOutcome> {
  const { file } = task;
  try {
    return await inTransaction(extraction, file, (trx, latest) => landContent(trx, extraction, task, latest));
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return nothing('gone');
    if (error instanceof StillWritten) return nothing('growing');
    if (error instanceof Drifted) return { ...nothing('drifted'), drift: error.drift };
    if (!isBrokenPack(error)) throw error;
    return inTransaction(extraction, file, (trx, latest) => keepBroken(trx, extraction, task, latest));
  }
}

function nothing(state: FileOutcome['state']): FileOutcome {
  return { state, ...noRecords, retracted: false, drift: [], unread: [] };
}

async function inTransaction(
  { source, loader, signal }: Extraction,
  file: LandingFile,
  work: (trx: DatabaseTransaction, latest: LatestRevision | null) => Promise<FileOutcome>,
): Promise<FileOutcome> {
  return loader.transaction().execute((trx) =>
    cancelWith(signal, loader, trx, async () => {
      await lockFile(trx, source, file);
      const latest = await latestRevision(trx, source, file);
      if (latest === null || !(await isSameContent(file, latest))) return work(trx, latest);
      await noteTouched(trx, source, file, latest);
      return nothing('unchanged');
    }),
  );
}

/** Another time is not another content: only a hash tells. */
async function isSameContent(file: LandingFile, latest: LatestRevision): Promise<boolean> {
  if (latest.size_bytes === file.size && latest.modified_at.getTime() === file.modifiedAt.getTime())
    return true;
  const hash = await hashContent(file.path).catch((error: unknown) => {
    if (isBrokenPack(error)) return broken;
    throw error;
  });
  return hash === latest.content_hash;
}

async function landContent(
  trx: DatabaseTransaction,
  { source, run, signal }: Extraction,
  { format, file, careful, loadSequence }: Task,
  latest: LatestRevision | null,
): Promise<FileOutcome> {
  const revision = newRevision(file, loadSequence, latest, run.workflowId);
  const before = await columnsBefore(trx, source);
  let content: LandedContent = { ...noRecords, columns: [], unread: [] };
  const hash = await readContent(file.path, async (pieces) => {
    content = await format.land({ trx, source, revision, pieces, careful, before, signal });
  });
  await noteLanding(trx, source, file, revision, { ...content, hash });
  if (latest !== null) await retract(trx, source, revision);
  const { landed, rejected, wrong, unread } = content;
  return { state: 'landed', landed, rejected, wrong, unread, drift: [], retracted: latest !== null };
}

async function keepBroken(
  trx: DatabaseTransaction,
  { source, run }: Extraction,
  { file, loadSequence }: Task,
  latest: LatestRevision | null,
): Promise<FileOutcome> {
  const revision = newRevision(file, loadSequence, latest, run.workflowId);
  const counts = { ...noRecords, rejected: 1 };
  await rejectFile(source, revision, 'not a gzip file that can be unpacked to its end').execute(trx);
  await noteLanding(trx, source, file, revision, { ...counts, hash: broken, columns: [] });
  return { ...nothing('landed'), ...counts };
}

function newRevision(
  file: LandingFile,
  loadSequence: number,
  latest: LatestRevision | null,
  workflowId: string,
): Revision {
  return { file: file.name, revision: (latest?.revision ?? 0) + 1, loadSequence, workflowId };
}
