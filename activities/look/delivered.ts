import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { SourceModel } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import { isQuiet } from '../extract/files/extract-files.ts';
import { listFiles } from '../extract/files/list-files.ts';
import { landedStamps, stampOf } from '../extract/files/notes.ts';

/** A file that has been delivered and has not landed, and a short name for it as it is now. */
export interface DeliveredFile {
  readonly source: string;
  /** Differs with the file's name, size and time, and with what its source's header says. */
  readonly key: string;
}

/**
 * Files of sources that an extract would look into: new ones, and those that are not as they landed. Found by name, size
 * and time alone; one that is still being written to is not there yet.
 */
export async function deliveredKeys(
  loader: Database,
  landingFolder: string,
  sources: readonly SourceModel[],
): Promise<readonly DeliveredFile[]> {
  const delivered: DeliveredFile[] = [];
  for (const source of sources) {
    const { files } = await listFiles(join(landingFolder, String(source.settings['folder'])));
    const landed = await landedStamps(loader, source);
    for (const file of files) {
      const stamp = stampOf(file);
      if (landed.has(stamp) || !isQuiet(source, file)) continue;
      delivered.push({ source: source.name, key: keyOf(source, stamp) });
    }
  }
  return delivered;
}

/** Twelve letters of a hash: kept in a run's history, where names of files have no business. */
function keyOf({ name, settings, columns }: SourceModel, stamp: string): string {
  return createHash('sha256')
    .update(JSON.stringify([name, settings, columns, stamp]))
    .digest('hex')
    .slice(0, 12);
}
