import type { SourceModel } from '../../models/model.ts';
import { checkFileSettings, extractFiles } from './files/extract-files.ts';
import { fileDrift } from './files/file-drift.ts';
import { Drifted } from './files/file-format.ts';
import type { FileContent, LandedContent } from './files/file-format.ts';
import { takeLines } from './files/lines.ts';
import { rereadFiles } from './files/reread-files.ts';
import { addLines, noLines, takeText, takeTextPiecemeal } from './json-lines/take-text.ts';
import type { Extraction, Reader, Reread, SettingProblem } from './reader.ts';
import { rejectBytes } from './records/reject.ts';

/**
 * Lands files of JSON lines, packed (`.gz`) or not, from a folder under the landing folder.
 *
 * A file is known by its name and content. One of a known name with other content is a new revision: its rows land, and
 * the revisions before are retracted, an earlier content that comes back included. One whose size and time are those
 * that were noted is not read at all.
 */
export const reader: Reader = {
  check,
  extract: (extraction: Extraction) => extractFiles(extraction, { land }),
  reread: (look: Reread) => rereadFiles(look, { land }),
};

function check(source: SourceModel): readonly SettingProblem[] {
  const { record } = source.settings;
  const columns = Object.keys(source.columns);
  const lists =
    Array.isArray(record) &&
    record.length > 0 &&
    record.every((one) => columns.some((column) => column === one));
  const problem = {
    problem: 'settings.record does not list columns of the source',
    mend: `List those without which a line is no record, of ${columns.join(', ')}.`,
  };
  return [...checkFileSettings(source), ...(lists ? [] : [problem])];
}

async function land(content: FileContent): Promise<LandedContent> {
  const { trx, source, revision, signal } = content;
  const { record } = source.settings;
  const required = Array.isArray(record) ? record.map(String) : [];
  const take = content.careful ? takeTextPiecemeal(content, required) : takeText(content, required);
  let total = noLines;
  await takeLines(content.pieces, async ({ first, text, foreign }) => {
    signal.throwIfAborted();
    total = addLines(total, await take(text, first));
    for (const { position, bytes } of foreign)
      await rejectBytes(source, revision, position, bytes).execute(trx);
    total = { ...total, rejected: total.rejected + foreign.length };
  });
  const drift = fileDrift(source, revision.file, total, total.present, content.before);
  if (drift.length > 0) throw new Drifted(drift);
  const columns = Object.keys(total.present).filter((name) => total.present[name] === total.landed);
  return { ...total, columns: total.landed === 0 ? [] : columns, unread: [] };
}
