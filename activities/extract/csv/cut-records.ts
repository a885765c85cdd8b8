/** A record of a CSV file: its fields, or why it is none. */
export interface CsvRecord {
  /** The line that it begins on, from 1. */
  readonly line: number;
  /** Lines that it stands on. */
  readonly lines: number;
  /** As it stands in the file, without its last line ending. */
  readonly text: string;
  /** An empty field is null, a quoted empty one an empty text. */
  readonly fields: readonly (string | null)[];
  readonly problem: string | null;
}

/** What was cut of a text. */
export interface CutRecords {
  readonly records: readonly CsvRecord[];
  /** A record that is not whole yet; to be put before what comes next. */
  readonly rest: string;
  /** The line that `rest` begins on. */
  readonly line: number;
}

/** A record longer than this is none: a quote was opened and never closed. */
const longest = 1 << 20;

const neverClosed = 'a quote is opened and not closed';
const strayQuote = 'a quote in a field that is not quoted, or text behind a closing quote';

/**
 * Cuts a text into the records of RFC 4180. Blank lines are none.
 *
 * A record that is none is one line of the file, and the next record begins on the line after it: libraries go on to
 * the next quote instead, and swallow the good records between.
 *
 * @param line of the text's first character.
 * @param isEnd whether nothing comes behind the text.
 * @see https://www.rfc-editor.org/rfc/rfc4180#section-2
 */
export function cutRecords(text: string, line: number, delimiter: string, isEnd: boolean): CutRecords {
  const records: CsvRecord[] = [];
  let [at, number] = [0, line];
  while (at < text.length) {
    const found = text.indexOf('\n', at);
    if (found < 0 && !isEnd) break;
    const end = found < 0 ? text.length : found;
    const first = withoutReturn(text.slice(at, end));
    if (!first.includes('"')) {
      if (first !== '') records.push(whole(number, first, first.split(delimiter).map(nullIfEmpty)));
      [at, number] = [end + 1, number + 1];
      continue;
    }
    const read = readQuoted(text, at, delimiter, isEnd);
    if (read === 'unfinished' && text.length - at <= longest) break;
    if (typeof read === 'string') {
      records.push(broken(number, first, read === 'stray' ? strayQuote : neverClosed));
      [at, number] = [end + 1, number + 1];
      continue;
    }
    const record = withoutReturn(text.slice(at, read.end));
    const lines = record.split('\n').length;
    records.push({ ...whole(number, record, read.fields), lines });
    [at, number] = [read.end + 1, number + lines];
  }
  return { records, rest: text.slice(at), line: number };
}

function whole(line: number, text: string, fields: CsvRecord['fields']): CsvRecord {
  return { line, lines: 1, text, fields, problem: null };
}

function broken(line: number, text: string, problem: string): CsvRecord {
  return { line, lines: 1, text, fields: [], problem };
}

function nullIfEmpty(field: string): string | null {
  return field === '' ? null : field;
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** The fields of a record that has quotes, and where its line ending stands. */
function readQuoted(
  text: string,
  start: number,
  delimiter: string,
  isEnd: boolean,
): { readonly fields: readonly (string | null)[]; readonly end: number } | 'stray' | 'unfinished' | 'open' {
  const fields: (string | null)[] = [];
  for (let at = start; ;) {
    const field = text[at] === '"' ? quotedField(text, at) : bareField(text, at, delimiter);
    if (field === null) return isEnd ? 'open' : 'unfinished';
    if (field.value?.includes('"') === true && text[at] !== '"') return 'stray';
    fields.push(field.value);
    at = field.end;
    if (text.startsWith('\r\n', at)) at += 1;
    if (at >= text.length && !isEnd) return 'unfinished';
    if (at >= text.length || text[at] === '\n') return { fields, end: at };
    if (text[at] !== delimiter)
      return at === text.length - 1 && text[at] === '\r' ? { fields, end: at + 1 } : 'stray';
    at += 1;
  }
}

interface Field {
  readonly value: string | null;
  /** Where what ends it stands. */
  readonly end: number;
}

/** Null where its quote is not closed. */
function quotedField(text: string, start: number): Field | null {
  for (let at = start + 1; ; at += 2) {
    at = text.indexOf('"', at);
    if (at < 0) return null;
    if (text[at + 1] !== '"') return { value: text.slice(start + 1, at).replaceAll('""', '"'), end: at + 1 };
  }
}

function bareField(text: string, start: number, delimiter: string): Field {
  const found = text.indexOf(delimiter, start);
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const end = found >= 0 && found < lineEnd ? found : lineEnd - (text[lineEnd - 1] === '\r' ? 1 : 0);
  return { value: nullIfEmpty(text.slice(start, Math.max(start, end))), end: Math.max(start, end) };
}
