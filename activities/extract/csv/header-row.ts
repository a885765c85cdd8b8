import type { SourceModel } from '../../../models/model.ts';
import { mendOf } from '../files/file-drift.ts';
import { Drifted } from '../files/file-format.ts';
import { toldFile } from '../files/told-file.ts';
import type { SourceDrift } from '../reader.ts';
import type { CsvRecord } from './cut-records.ts';

/** Where the columns of a source stand in a file's records. */
export interface HeaderPlace {
  /** Fields that a record has. */
  readonly fields: number;
  /** By column of the source, in its order; null of one that the file lacks and may lack. */
  readonly columns: readonly (number | null)[];
  /** Columns of the source that the file has. */
  readonly names: readonly string[];
  /** Columns of the file that the source does not have. */
  readonly unread: readonly string[];
}

/**
 * Reads a header row.
 *
 * @throws Drifted where it lacks a column of the source, or names one twice. It says no word of the row: where a file
 *   has no header row, that is a record.
 */
export function headerPlace(source: SourceModel, file: string, row: CsvRecord): HeaderPlace {
  const { optional } = source.settings;
  const mayLack = new Set<unknown>(Array.isArray(optional) ? optional : []);
  const wanted = Object.keys(source.columns);
  const told = toldFile(source, file);
  const found = row.fields.map((field) => (field ?? '').trim());
  const drift = wanted.flatMap((name): readonly SourceDrift[] => {
    const times = found.filter((one) => one === name).length;
    if (times === 1 || (times === 0 && mayLack.has(name))) return [];
    const problem =
      times === 0
        ? `the header row of ${told} has no ${name}`
        : `the header row of ${told} has ${name} ${times} times`;
    const change = times === 0 ? `take ${name} out, or list it in settings.optional,` : `take ${name} out`;
    return [{ column: name, problem, mend: mendOf(source, change) }];
  });
  if (drift.length > 0) throw new Drifted(drift);
  return {
    fields: found.length,
    columns: wanted.map((name) => (found.includes(name) ? found.indexOf(name) : null)),
    names: wanted.filter((name) => found.includes(name)),
    unread: found.filter((name) => !wanted.includes(name) && /^[A-Za-z_][A-Za-z0-9_ -]{0,62}$/.test(name)),
  };
}
