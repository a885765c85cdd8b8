import { createHash } from 'node:crypto';
import type { SourceModel } from '../../../models/model.ts';

/** Words of file names that say nothing of anybody. */
const USUAL =
  /^(?:[a-z]\uFFFD?|(?:part|full|delta|day|hour|week|month|export|import|file|data|batch|test|sales|store|stores|bad|good|new|old|late|csv|jsonl?|ndjson|txt|tsv|gz|zip|tmp))$/i;

/** Parts of dates, times and small numbers. */
const NUMBER =
  /^(?:\d{1,4}|\d{6}|(?:19|20)\d{6}(?:\d{2}|\d{4}|\d{6})?|(?:\d{2}|\d{8})?[tvhw]\d{1,6}z?|\d{6}z)$/i;

/**
 * The name of a delivered file as it may leave the machine. Who delivers files names them, and may name them after
 * somebody: of a name only those parts are told that the source's own name has too, dates and small numbers, and words
 * that are in every name of a file. What is left out shows as `…`, with a few letters of the name's hash by which two files
 * differ. The whole name stands in the folder, in bronze (`_source`) and in `control.landing`.
 *
 * @returns `transactions/2017-01-02T08.jsonl` as it is; `…-2017-01-02.csv (file 3f2a9c01)`.
 */
export function toldFile({ name, settings }: SourceModel, file: string): string {
  const own = new Set(
    [name, String(settings['folder'])]
      .join(' ')
      .toLowerCase()
      .split(/[^a-z0-9]+/),
  );
  const told = file.replaceAll(/[^\s._\-/()]+/g, (part) =>
    USUAL.test(part) || NUMBER.test(part) || own.has(part.toLowerCase()) ? part : '…',
  );
  if (told === file) return file;
  const hash = createHash('sha256').update(file).digest('hex').slice(0, 8);
  return `${told.replaceAll(/…(?:[\s._\-/()]+…)+/g, '…')} (file ${hash})`;
}
