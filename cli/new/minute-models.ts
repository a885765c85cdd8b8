import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { NewFile } from './write-new.ts';

/** What a header says in the variant of a minute; every other line stays as it is. */
interface MinuteHeader {
  readonly objective: string;
  readonly target: number;
}

/** The shipped transactions and inventory models, and how fresh a minute keeps them. */
export const MINUTE_HEADERS: Readonly<Record<string, MinuteHeader>> = {
  stg_transactions: { objective: '5 minutes', target: 0.999 },
  stg_inventory: { objective: '2 minutes', target: 0.999 },
  stg_pos_events: { objective: '2 minutes', target: 0.999 },
  inventory_realtime: { objective: '2 minutes', target: 0.999 },
};

/**
 * The shipped models with transactions and inventory on a schedule of a minute: each file as it stands, but for two header
 * lines of four models, `schedule` and `freshness`. Their sources stay hourly in their headers: the pipeline that reads
 * them extracts them.
 *
 * @param from the folder of the shipped models
 * @param to the folder of the copy
 * @throws Error where a shipped header no longer has those lines
 */
export function minuteModels(from: string, to: string): readonly NewFile[] {
  return readdirSync(from, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(sql|yaml)$/.test(file))
    .toSorted()
    .map((file) => ({
      file: path.join(to, file),
      text: minuteText(path.basename(file, '.sql'), readFileSync(path.join(from, file), 'utf8')),
    }));
}

function minuteText(name: string, text: string): string {
  const header = Object.hasOwn(MINUTE_HEADERS, name) ? MINUTE_HEADERS[name] : undefined;
  if (header === undefined) return text;
  const freshness = `{objective: ${header.objective}, target: ${header.target}}`;
  return withLine(withLine(text, name, 'schedule', 'minute'), name, 'freshness', freshness);
}

function withLine(text: string, name: string, key: string, value: string): string {
  const line = new RegExp(`^${key}: .*$`, 'm');
  if (!line.test(text)) throw new Error(`the header of ${name} has no line ${key}: say there what it is`);
  return text.replace(line, `${key}: ${value}`);
}
