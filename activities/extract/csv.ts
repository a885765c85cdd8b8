import type { SourceModel } from '../../models/model.ts';
import { cutRecords } from './csv/cut-records.ts';
import type { CsvRecord } from './csv/cut-records.ts';
import { headerPlace } from './csv/header-row.ts';
import type { HeaderPlace } from './csv/header-row.ts';
import { landCsvRecords } from './csv/land.ts';
import { checkFileSettings, extractFiles } from './files/extract-files.ts';
import { fileDrift } from './files/file-drift.ts';
import { Drifted } from './files/file-format.ts';
import type { FileContent, LandedContent } from './files/file-format.ts';
import { takeLines } from './files/lines.ts';
import { rereadFiles } from './files/reread-files.ts';
import type { Lines } from './files/lines.ts';
import type { Extraction, Reader, Reread, SettingProblem } from './reader.ts';
import { addRecords, noRecords } from './records/revision.ts';

/**
 * Lands CSV files with a header row (RFC 4180, UTF-8), packed (`.gz`) or not, from a folder under the landing folder.
 * Files and their revisions are as those of JSON lines. Columns are found by their names in the header row. An empty
 * field is NULL, a quoted empty one an empty text. A record's position is the line that it begins on.
 */
export const reader: Reader = {
  check,
  extract: (extraction: Extraction) => extractFiles(extraction, { land }),
  reread: (look: Reread) => rereadFiles(look, { land }),
};

function check(source: SourceModel): readonly SettingProblem[] {
  const { delimiter = ',', optional = [] } = source.settings;
  const columns = Object.keys(source.columns);
  const problems = [...checkFileSettings(source)];
  if (typeof delimiter !== 'string' || !/^[^"\r\n\uFFFD]$/.test(delimiter)) {
    problems.push({
      problem: 'settings.delimiter is not one character other than a quote',
      mend: 'Write for example delimiter: ";" or delimiter: "\\t".',
    });
  }
  if (!Array.isArray(optional) || !optional.every((one) => columns.some((column) => column === one))) {
    problems.push({
      problem: 'settings.optional does not list columns of the source',
      mend: `List those that a file may lack, of ${columns.join(', ')}.`,
    });
  }
  return problems;
}

/** What stands for bytes that are not text while records are cut; those that have one are kept byte by byte. */
const standIn = (line: Buffer): Buffer => Buffer.from(line.toString('utf8').replaceAll('\0', '\uFFFD'));

async function land(content: FileContent): Promise<LandedContent> {
  const { pieces, source, revision, signal } = content;
  const { delimiter: given } = source.settings;
  const delimiter = typeof given === 'string' ? given : ',';
  const foreign = new Map<number, Buffer>();
  let place: HeaderPlace | null = null;
  let [total, rest, line] = [noRecords, '', 1];
  const take = async (text: string, isEnd: boolean): Promise<void> => {
    signal.throwIfAborted();
    const cut = cutRecords(rest + text, line, delimiter, isEnd);
    const { records } = cut;
    [rest, line] = [cut.rest, cut.line];
    const [first] = records;
    if (first === undefined) return;
    const data: readonly CsvRecord[] = place === null ? records.slice(1) : records;
    place ??= headerPlace(source, revision.file, first);
    total = addRecords(total, await landCsvRecords(content, place, data, foreign));
    foreign.clear();
  };
  await takeLines(
    pieces,
    async ({ text, foreign: lines }: Lines) => {
      for (const { position, bytes } of lines) foreign.set(position, bytes);
      await take(text.toString('utf8'), false);
    },
    standIn,
  );
  await take('', true);
  const drift = fileDrift(source, revision.file, total, {}, []);
  if (drift.length > 0) throw new Drifted(drift);
  return { ...total, columns: namesOf(place), unread: unreadOf(place) };
}

// The compiler takes `place` for null for ever: it does not follow what the closure assigns.
function namesOf(place: HeaderPlace | null): readonly string[] {
  return place?.names ?? [];
}

function unreadOf(place: HeaderPlace | null): readonly string[] {
  return place?.unread ?? [];
}
