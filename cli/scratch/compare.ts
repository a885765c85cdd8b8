import { sql } from 'kysely';
import { readColumns } from '../../activities/columns.ts';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import { selectedColumns } from '../../models/history-columns.ts';
import type { PublishedModel } from '../../models/model.ts';
import { listed, qualified } from '../../models/relation-name.ts';
import { compareRelations } from '../../models/statements/compare.ts';
import { inSpan, keysTable } from './references.ts';
import type { Scratch } from './scratch.ts';

/** How a copy differs from what is published, in rows. */
export interface Comparison {
  readonly copy: number;
  readonly published: number;
  readonly onlyCopy: number;
  readonly onlyPublished: number;
  readonly differing: number;
  /** Rows of both that differ in a column, most first. */
  readonly columns: readonly { readonly name: string; readonly rows: number }[];
  /** Columns that only one of the two has. */
  readonly newColumns: readonly string[];
  readonly goneColumns: readonly string[];
}

/**
 * Compares a copy with the model's table, row by row and by key; null where there is no table yet.
 *
 * Bounded by event time, only that part of the table is compared: rows of the span, or of the keys that it touches. Of a
 * history only current versions are.
 */
export async function compareWithPublished(
  trx: DatabaseTransaction,
  scratch: Scratch,
  model: PublishedModel,
  bounded: boolean,
): Promise<Comparison | null> {
  const copy = (await readColumns(trx, scratch.schema, model.name)).map(({ name }) => name);
  const table = await readColumns(trx, model.layer, model.name);
  const published = selectedColumns(model, table).map(({ name }) => name);
  if (published.length === 0 || !model.uniqueKey.every((name) => published.includes(name))) return null;
  const columns = copy.filter((name) => published.includes(name));
  const conditions = [
    ...(model.kind === 'history' ? ['valid_to is null'] : []),
    ...(bounded ? [boundOf(scratch, model, table)] : []),
  ];
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  const { rows } = await compareRelations({
    one: sql.id(scratch.schema, model.name),
    // oxlint-disable-next-line no-restricted-properties -- Made of checked names and of a time that was read and written again.
    other: sql.raw(`(select * from ${qualified(model.layer, model.name)}${where})`),
    key: model.uniqueKey,
    columns,
  }).execute(trx);
  const [found] = rows;
  if (found === undefined) throw new Error('A statement that counts returned no row.');
  return {
    copy: found.one,
    published: found.other,
    onlyCopy: found.onlyOne,
    onlyPublished: found.onlyOther,
    differing: found.differing,
    columns: columns
      .map((name, at) => ({ name, rows: found.columns[at] ?? 0 }))
      .filter((one) => one.rows > 0)
      .toSorted((a, b) => b.rows - a.rows),
    newColumns: copy.filter((name) => !published.includes(name)),
    goneColumns: published.filter((name) => !copy.includes(name)),
  };
}

function boundOf(
  scratch: Scratch,
  model: PublishedModel,
  columns: readonly { readonly name: string; readonly type: string }[],
): string {
  const key = listed(model.uniqueKey);
  if (model.shape.kind === 'touched')
    return `(${key}) in (select ${key} from ${qualified(...keysTable(model.name))})`;
  // Without a time of its own nobody can say which rows of the table should be in the copy: only those that are.
  return (
    inSpan(scratch, model.name, columns) ??
    `(${key}) in (select ${key} from ${qualified(scratch.schema, model.name)})`
  );
}
