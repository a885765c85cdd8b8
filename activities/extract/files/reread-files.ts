import { join } from 'node:path';
import type { Reread, RereadParts } from '../reader.ts';
import type { FileFormat } from './file-format.ts';
import { listFiles } from './list-files.ts';
import type { LandingFile } from './list-files.ts';
import { isBrokenPack, readContent } from './read-content.ts';

/** Reads every file of a source's folder again. A packed file that is broken has no records, here as there. */
export async function rereadFiles(look: Reread, format: FileFormat): Promise<RereadParts> {
  const { files, left } = await listFiles(join(look.landingFolder, String(look.source.settings['folder'])));
  for (const file of files) {
    look.signal.throwIfAborted();
    await rereadFile(look, format, file);
  }
  return { files: files.map(({ name }) => name), left };
}

async function rereadFile(
  { source, trx, signal }: Reread,
  format: FileFormat,
  { name, path }: LandingFile,
): Promise<void> {
  const revision = { file: name, revision: 1, loadSequence: 0, workflowId: 'reconcile' };
  try {
    await readContent(path, async (pieces) => {
      await format.land({ trx, source, revision, pieces, careful: true, before: [], signal });
    });
  } catch (error) {
    if (!isBrokenPack(error)) throw error;
  }
}
