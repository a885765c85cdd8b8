import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import type { Batch } from '../../expectations/compile.ts';
import type { Json } from '../../expectations/json.ts';
import type { CatalogueColumn, Sql } from '../../expectations/scan.ts';
import type { ColumnProfile } from './profile.ts';

/** Figures of a column over all rows. */
export type ColumnFigures = Pick<ColumnProfile, 'present' | 'lowest' | 'highest' | 'shortest' | 'longest'>;

/** Rows of a batch, and figures of each column by name. */
export interface Measured {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, ColumnFigures>;
  /** How many times the batch was read. */
  readonly scans: number;
}

/** Three figures a column, and a target list holds 1664. @see https://www.postgresql.org/docs/18/limits.html */
const MOST_COLUMNS = 500;

/** The rows of a batch, for `from`. A condition stands on lines of its own, as a comment may end it. */
export function fromBatch({ relation, where }: Batch, sample: Sql = sql``): Sql {
  return sql`(select * from ${sql.id(...relation)}${sample} where (\n${where ?? sql`true`}\n)) as batch`;
}

/** Counts, lowest and highest values and lengths of columns, in one scan (of up to 500 columns). */
export async function measureColumns(
  trx: DatabaseTransaction,
  batch: Batch,
  columns: readonly CatalogueColumn[],
): Promise<Measured> {
  const found = new Map<string, ColumnFigures>();
  const chunks = Math.max(1, Math.ceil(columns.length / MOST_COLUMNS));
  let total = 0;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const some = columns.slice(chunk * MOST_COLUMNS, (chunk + 1) * MOST_COLUMNS);
    const targets = some.flatMap((column, place) => [
      sql`count(${sql.id(column.name)}) as ${sql.id(`n${place}`)}`,
      ...ends(column).flatMap(([low, high]) => [
        sql`${low} as ${sql.id(`l${place}`)}`,
        sql`${high} as ${sql.id(`h${place}`)}`,
      ]),
    ]);
    const list = sql.join([sql`count(*) as rows`, ...targets]);
    const { rows } = await sql<Record<string, Json>>`select ${list} from ${fromBatch(batch)}`.execute(trx);
    const [row = {}] = rows;
    total = Number(row['rows'] ?? 0);
    some.forEach((column, place) => found.set(column.name, figuresOf(column, row, place)));
  }
  return { rows: total, columns: found, scans: chunks };
}

/** The two figures of a column beside its count; none of types that have no order worth promising. */
function ends({ name, category }: CatalogueColumn): readonly (readonly [low: Sql, high: Sql])[] {
  const column = sql.id(name);
  if (category === 'text') return [[sql`min(length(${column}))`, sql`max(length(${column}))`]];
  if (category === 'whole' || category === 'number')
    return [[sql`min(${column})::text`, sql`max(${column})::text`]];
  // jsonb writes a time as ISO 8601, with its zone.
  if (category === 'time')
    return [[sql`to_jsonb(min(${column})) #>> '{}'`, sql`to_jsonb(max(${column})) #>> '{}'`]];
  return [];
}

function figuresOf(
  { category }: CatalogueColumn,
  row: Readonly<Record<string, Json>>,
  place: number,
): ColumnFigures {
  const [low, high] = [row[`l${place}`] ?? null, row[`h${place}`] ?? null];
  const text = category === 'text';
  const asText = (value: Json): string | null => (text || typeof value !== 'string' ? null : value);
  const asLength = (value: Json): number | null => (text && value !== null ? Number(value) : null);
  return {
    present: Number(row[`n${place}`] ?? 0),
    lowest: asText(low),
    highest: asText(high),
    shortest: asLength(low),
    longest: asLength(high),
  };
}
