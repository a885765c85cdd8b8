import type { FileContent } from '../files/file-format.ts';
import { landRecords } from '../records/land-records.ts';
import { rejectBytes } from '../records/reject.ts';
import { addRecords, noRecords } from '../records/revision.ts';
import type { LandedRecords } from '../records/revision.ts';
import type { CsvRecord } from './cut-records.ts';
import type { HeaderPlace } from './header-row.ts';

/**
 * Lands records of a CSV file.
 *
 * @param foreign bytes of the lines that are not text, by line.
 */
export async function landCsvRecords(
  { trx, source, revision }: FileContent,
  place: HeaderPlace,
  records: readonly CsvRecord[],
  foreign: ReadonlyMap<number, Buffer>,
): Promise<LandedRecords> {
  const text = records.filter((record) => !isForeign(record, foreign));
  let done = text.length === 0 ? noRecords : await landText();
  for (const record of records.filter((one) => isForeign(one, foreign))) {
    await rejectBytes(source, revision, record.line, bytesOf(record, foreign)).execute(trx);
    done = addRecords(done, { ...noRecords, rejected: 1 });
  }
  return done;

  async function landText(): Promise<LandedRecords> {
    const chunk = {
      positions: text.map(({ line }) => line),
      texts: text.map((record) => record.text),
      problems: text.map((record) => record.problem ?? wrongCount(record, place)),
      columns: place.columns.map((at) =>
        text.map(({ fields }) => (at === null ? null : (fields[at] ?? null))),
      ),
    };
    const { rows } = await landRecords(source, revision, chunk, { words: false }).execute(trx);
    return rows[0] ?? noRecords;
  }
}

function wrongCount({ fields }: CsvRecord, place: HeaderPlace): string | null {
  if (fields.length === place.fields) return null;
  return `${fields.length} fields where the header row has ${place.fields}`;
}

function isForeign({ line, lines }: CsvRecord, foreign: ReadonlyMap<number, Buffer>): boolean {
  if (foreign.size === 0) return false;
  return Array.from({ length: lines }, (_, index) => line + index).some((one) => foreign.has(one));
}

/** A record as it stood in the file, its line ending left out. */
function bytesOf({ line, text }: CsvRecord, foreign: ReadonlyMap<number, Buffer>): Buffer {
  const lines = text.split('\n').map((one, index) => foreign.get(line + index) ?? Buffer.from(one));
  return Buffer.concat(lines.flatMap((one, index) => (index === 0 ? [one] : [Buffer.from('\n'), one])));
}
