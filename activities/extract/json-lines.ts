import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import type { SourceModel } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import { listFiles } from './json-lines/files.ts';
import { landFile } from './json-lines/land-file.ts';
import type { Extracted, Extraction, Reader, SettingProblem } from './reader.ts';

/**
 * Lands files of JSON lines, packed (`.gz`) or not, from a folder under the landing folder.
 *
 * A file is known by its name and content. One of a known name with other content is a new revision: its rows land, and
 * the revisions before are retracted, an earlier content that comes back included. One whose size and time are those
 * that were noted is not read at all.
 */
export const reader: Reader = { check, extract };

function check(source: SourceModel): readonly SettingProblem[] {
  const problems: SettingProblem[] = [];
  const { folder, record } = source.settings;
  if (typeof folder !== 'string' || !/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(folder)) {
    problems.push({
      problem: 'settings.folder is not a folder below the landing folder',
      mend: 'Write for example folder: transactions.',
    });
  }
  const columns = Object.keys(source.columns);
  if (
    !Array.isArray(record) ||
    record.length === 0 ||
    !record.every((one) => columns.some((column) => column === one))
  ) {
    problems.push({
      problem: 'settings.record does not list columns of the source',
      mend: `List those without which a line is no record, of ${columns.join(', ')}.`,
    });
  }
  return problems;
}

async function extract(extraction: Extraction): Promise<Extracted> {
  const { source, loader, landingFolder, signal } = extraction;
  const { folder, record } = source.settings;
  const required = Array.isArray(record) ? record.map(String) : [];
  await requireFolder(landingFolder);
  const [files, known] = await Promise.all([
    listFiles(join(landingFolder, String(folder))),
    landed(loader, source),
  ]);
  const total = { files: 0, rows: 0, rejected: 0, retractedFiles: 0 };
  for (const file of files) {
    signal.throwIfAborted();
    if (known.has(stampOf(file.name, file.size, file.modifiedAt))) continue;
    const outcome = await landFile(extraction, file, required);
    if (outcome.state !== 'landed') continue;
    total.files += 1;
    total.rows += outcome.landed;
    total.rejected += outcome.rejected;
    if (outcome.retracted) total.retractedFiles += 1;
  }
  return total;
}

async function requireFolder(landingFolder: string): Promise<void> {
  const found = await stat(landingFolder).catch(() => null);
  if (found?.isDirectory() === true) return;
  throw ApplicationFailure.create({
    type: 'LandingFolderMissing',
    message: `The landing folder ${landingFolder} is not there. Create or mount it, or start the worker with the right one.`,
  });
}

/** What has landed of a source, by name, size and time. */
async function landed(loader: Database, source: SourceModel): Promise<ReadonlySet<string>> {
  const rows = await loader
    .selectFrom('control.landing')
    .distinctOn('file')
    .select(['file', 'size_bytes', 'modified_at'])
    .where('source', '=', source.name)
    .orderBy('file')
    .orderBy('revision', 'desc')
    .execute();
  return new Set(rows.map((row) => stampOf(row.file, row.size_bytes, row.modified_at)));
}

function stampOf(name: string, size: number, modifiedAt: Date): string {
  return JSON.stringify([name, size, modifiedAt.getTime()]);
}
