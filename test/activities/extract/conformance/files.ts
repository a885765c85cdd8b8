import { rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceHands, SourcePlace, SourceRecord } from './harness.ts';

/**
 * A source of files: what is put together comes in one file, and what changes or goes brings its file again.
 *
 * @param write a file's content. @param extension of its name.
 */
export function fileHands(
  { folder }: SourcePlace,
  extension: string,
  write: (records: readonly SourceRecord[]) => string,
): SourceHands {
  const files = new Map<string, readonly SourceRecord[]>();
  let [minute, number] = [0, 0];
  const deliver = async (name: string, records: readonly SourceRecord[]): Promise<void> => {
    files.set(name, records);
    const path = join(folder, name);
    await writeFile(`${path}.tmp`, write(records));
    // Tests decide what looks changed: the clock of a file system may stand still for longer than a test.
    const time = new Date(Date.UTC(2017, 0, 2, 9, (minute += 1)));
    await utimes(`${path}.tmp`, time, time);
    await rename(`${path}.tmp`, path);
  };
  const fileOf = (id: string): [string, readonly SourceRecord[]] => {
    const found = [...files].find(([, records]) => records.some((one) => one.id === id));
    if (found === undefined) throw new Error(`no file has ${id}`);
    return found;
  };
  return {
    put: (records) => deliver(`${(number += 1)}.${extension}`, records),
    change: (record) => {
      const [name, records] = fileOf(record.id);
      return deliver(
        name,
        records.map((one) => (one.id === record.id ? record : one)),
      );
    },
    remove: (id) => {
      const [name, records] = fileOf(id);
      return deliver(
        name,
        records.filter((one) => one.id !== id),
      );
    },
  };
}
