import { sql } from 'kysely';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import type { Batch } from '../../expectations/compile.ts';
import { isList, isObject } from '../../expectations/json.ts';
import type { Json } from '../../expectations/json.ts';
import type { CatalogueColumn, Category, Sql } from '../../expectations/scan.ts';
import type { Member } from '../../expectations/value-set.ts';
import { fromBatch } from './measure-columns.ts';
import type { ColumnFigures } from './measure-columns.ts';
import type { Found, OrderedPair, Shape } from './profile.ts';
import {
  commonStart,
  HEXADECIMAL,
  hexadecimalPattern,
  JSON_CLASS,
  shapeAlphabet,
  textClasses,
} from './shapes.ts';

/** Which rows sets, patterns and pairs are looked for in. */
export interface Sample {
  readonly rows: Sql;
  /** Whether it is the batch itself. */
  readonly whole: boolean;
}

/** A batch of at most so many rows is looked at whole. */
const SMALL = 200_000;
const SAMPLED = 50_000;
/** More values than this are no set. */
export const MOST_MEMBERS = 20;
const MOST_SHAPES = 50;
/** Longer text is prose: it has no shape. */
const LONGEST_SHAPE = 64;
const LONGEST_CLASS = 2000;
/** Columns a statement: each is a query over the sample. */
const CHUNK = 40;

/** The rows to look in: all of a small batch, else pages of the table picked at random, the same each time. */
export function chooseSample(batch: Batch, rows: number, canSample: boolean): Sample {
  if (rows <= SMALL) return { rows: fromBatch(batch), whole: true };
  if (!canSample)
    return { rows: sql`(select * from ${fromBatch(batch)} limit ${SAMPLED}::bigint) as batch`, whole: false };
  const percent = Math.min(100, (100 * SAMPLED) / rows);
  const pages = sql` tablesample system (${percent}::real) repeatable (1)`;
  return { rows: fromBatch(batch, pages), whole: false };
}

/** What the sample shows of each column that may have few values, a pattern or be a key. */
export async function sampleColumns(
  trx: DatabaseTransaction,
  sample: Sample,
  columns: readonly CatalogueColumn[],
  figures: ReadonlyMap<string, ColumnFigures>,
): Promise<ReadonlyMap<string, Found>> {
  const asked = columns.filter(({ category }) => SAMPLED_CATEGORIES.includes(category));
  const found = new Map<string, Found>();
  for (let from = 0; from < asked.length; from += CHUNK) {
    const some = asked.slice(from, from + CHUNK);
    const names = sql.join(some.map(({ name }) => sql.id(name)));
    const targets = some.map((column, place) => {
      const shown = lookAt(column, figures.get(column.name)?.longest ?? 0);
      return sql`(${shown}) as ${sql.id(`f${place}`)}`;
    });
    const { rows } = await sql<Record<string, Json>>`
      with sample as materialized (select ${names} from ${sample.rows}) select ${sql.join(targets)}`.execute(
      trx,
    );
    some.forEach(({ name, category }, place) => {
      const one = foundOf(rows[0]?.[`f${place}`] ?? null, category);
      if (one !== null) found.set(name, one);
    });
  }
  return found;
}

const SAMPLED_CATEGORIES: readonly Category[] = ['whole', 'text', 'uuid'];

/** One object about a column: counts, few values, and of text its classes, shapes and ends. */
function lookAt({ name, category }: CatalogueColumn, longest: number): Sql {
  const different = sql`select ${sql.id(name)} as v, count(*) as n from sample where ${sql.id(name)} is not null group by 1`;
  const few = sql`jsonb_agg(v::text) filter (where place <= ${MOST_MEMBERS + 1}::integer)`;
  const parts = [sql`'present', coalesce(sum(n), 0)`, sql`'different', count(*)`, sql`'values', ${few}`];
  if (category === 'text') {
    if (longest <= LONGEST_CLASS) parts.push(sql`'classes', ${classesOf(sql`v::text`)}`);
    if (longest <= LONGEST_SHAPE) parts.push(sql`'shapes', ${shapesOf(different)}`);
  }
  return sql`select jsonb_build_object(${sql.join(parts)}) from (select v, n, row_number() over () as place from (${different}) as different) as numbered`;
}

function classesOf(value: Sql): Sql {
  const named = Object.entries({ ...textClasses, [HEXADECIMAL]: hexadecimalPattern }).map(
    ([name, pattern]) => sql`${name}::text, coalesce(bool_and(${value} ~ ${pattern}::text), false)`,
  );
  const json = sql`${JSON_CLASS}::text, coalesce(bool_and(${value} ~ '^\\s*[[{]' and pg_catalog.pg_input_is_valid(${value}, 'json')), false)`;
  return sql`jsonb_build_object(${sql.join([...named, json])})`;
}

function shapesOf(different: Sql): Sql {
  const { from, to } = shapeAlphabet;
  const shape = sql`translate(v::text, ${from}::text, ${to}::text)`;
  // Of texts in order, what the first and the last begin with is what all begin with.
  const shapes = sql`select ${shape} as shape, sum(n) as n, min(v::text collate "C") as first, max(v::text collate "C") as last
    from (${different}) as texts group by 1 order by 2 desc, 1 limit ${MOST_SHAPES}::integer`;
  return sql`(select jsonb_agg(jsonb_build_array(shape, n, first, last)) from (${shapes}) as shapes)`;
}

function foundOf(json: Json, category: Category): Found | null {
  if (!isObject(json)) return null;
  const { present = 0, different = 0, values = null, classes = null, shapes = null } = json;
  const texts = isList(values) ? values.map(String) : [];
  return {
    present: Number(present),
    different: Number(different),
    values: texts.length > MOST_MEMBERS || texts.length === 0 ? null : membersOf(texts, category),
    classes: isObject(classes) ? Object.keys(classes).filter((name) => classes[name] === true) : [],
    shapes: isList(shapes) ? shapes.filter(isList).map((one) => shapeOf(one.map(String))) : [],
  };
}

/** Texts of a column as a suite writes them: whole numbers as numbers, as far as JSON has room for them. */
export function membersOf(texts: readonly string[], category: Category): readonly Member[] {
  if (category !== 'whole') return texts.toSorted();
  const numbers = texts.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  return numbers.map((text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text));
}

function shapeOf([shape = '', rows = '0', first = '', last = '']: readonly string[]): Shape {
  return { shape, rows: Number(rows), prefix: commonStart([first, last]) };
}

/** Of each pair of columns: whether the sample never has the first above the second, and sometimes below it. */
export async function samplePairs(
  trx: DatabaseTransaction,
  sample: Sample,
  pairs: readonly OrderedPair[],
): Promise<readonly OrderedPair[]> {
  if (pairs.length === 0) return [];
  const targets = pairs.map(({ low, high }, place) => {
    const [a, b] = [sql.id(low), sql.id(high)];
    return sql`(count(*) filter (where ${a} > ${b}) = 0 and count(*) filter (where ${a} < ${b}) >= 20) as ${sql.id(`p${place}`)}`;
  });
  const { rows } = await sql<Record<string, Json>>`select ${sql.join(targets)} from ${sample.rows}`.execute(
    trx,
  );
  return pairs.filter((_, place) => rows[0]?.[`p${place}`] === true);
}
