import { sql } from 'kysely';
import { fromBatch, withBatch } from './compile.ts';
import type { AskableEntry, Batch, Statement, SuiteMeasured } from './compile.ts';
import type { Measure } from './define-expectation.ts';
import type { Json } from './json.ts';
import type { Sql } from './scan.ts';

/** A piece of SQL that is selected once, however many expectations ask for it. */
export interface Target {
  readonly sql: Sql;
  /** An aggregate that shares the one scan, one that orders its rows, or a query of its own. */
  readonly kind: 'scan' | 'ordered' | 'beside';
  /** Whether it is the number of rows, which every statement over the batch has anyway. */
  readonly isRowCount: boolean;
  /** How many values it binds. */
  readonly binds: number;
  /** Places in the suite, and names, of the measures it answers. */
  readonly asked: readonly { readonly index: number; readonly name: string }[];
}

/** A target list of Postgres has at most 1664 entries. @see https://www.postgresql.org/docs/18/limits.html */
const MOST_TARGETS = 1600;

/**
 * A statement has at most 65,535 bound values; the rest is left to the batch's own condition.
 *
 * @see https://www.postgresql.org/docs/18/limits.html
 */
export const MOST_BINDS = 65_000;

const rowCount = sql`count(*)`;
const ROW_COUNT = describeSql(rowCount).key;

/**
 * What has to be selected for the measures of some entries, each piece once: Postgres itself merges aggregates only
 * where their bound values are the same parameters.
 */
export function targetsOf(entries: readonly AskableEntry[]): readonly Target[] {
  const targets = new Map<string, Target & { readonly asked: { index: number; name: string }[] }>();
  for (const { expectation, measures } of entries) {
    for (const [name, measure] of Object.entries(measures)) {
      const { sql: piece, kind } = readMeasure(measure);
      const { key, binds } = describeSql(piece);
      const target = targets.get(key) ?? {
        sql: piece,
        kind,
        isRowCount: key === ROW_COUNT,
        binds,
        asked: [],
      };
      target.asked.push({ index: expectation.index, name });
      targets.set(key, target);
    }
  }
  return [...targets.values()];
}

/** A measure's SQL, and how it is asked. */
export function readMeasure(measure: Measure): Pick<Target, 'sql' | 'kind'> {
  if ('beside' in measure) return { sql: measure.beside, kind: 'beside' };
  if ('ordered' in measure) return { sql: measure.ordered, kind: 'ordered' };
  return { sql: measure, kind: 'scan' };
}

/** Two pieces of SQL with the same key are the same text with the same values. */
function describeSql(piece: Sql): { readonly key: string; readonly binds: number } {
  let binds = 0;
  const key = JSON.stringify(piece.toOperationNode(), (_, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'ValueNode')
      binds += 1;
    return value;
  });
  return { key, binds };
}

/** Targets in as few statements as Postgres takes. */
export function chunksOf(targets: readonly Target[]): readonly (readonly Target[])[] {
  const chunks: Target[][] = [];
  let binds = 0;
  for (const target of targets) {
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length === MOST_TARGETS || binds + target.binds > MOST_BINDS) {
      chunks.push([target]);
      binds = target.binds;
    } else {
      chunk.push(target);
      binds += target.binds;
    }
  }
  return chunks;
}

/** What a statement answered: rows of the batch, where it has read them, and the value of each target. */
export interface Answered {
  readonly rows: number | null;
  readonly values: ReadonlyMap<Target, Json>;
}

/** One statement for some targets: over the batch, unless each of them is a query of its own. */
export function compileTargets(targets: readonly Target[], batch: Batch): Statement<Answered> {
  const apart = targets.length > 0 && targets.every(({ kind }) => kind === 'beside');
  const places = new Map<Target, string>();
  const list = apart ? [] : [sql`${rowCount} as rows`];
  for (const target of targets) {
    if (!apart && target.isRowCount) {
      places.set(target, 'rows');
      continue;
    }
    const name = `m${places.size}`;
    places.set(target, name);
    list.push(sql`${target.sql} as ${sql.id(name)}`);
  }
  const from = apart ? sql`` : sql` from ${fromBatch(batch)}`;
  return {
    sql: sql`${withBatch(batch)}select ${sql.join(list)}${from}`,
    read: (row) => ({
      rows: apart ? null : Number(row['rows']),
      values: new Map([...places].map(([target, name]) => [target, row[name] ?? null])),
    }),
  };
}

/** One statement for all measures of all entries (more only beyond what Postgres takes in one). */
export function compileMeasures(
  entries: readonly AskableEntry[],
  batch: Batch,
): readonly Statement<SuiteMeasured>[] {
  const chunks = chunksOf(targetsOf(entries));
  return (chunks.length === 0 ? [[]] : chunks).map((chunk) => {
    const { sql: statement, read } = compileTargets(chunk, batch);
    return {
      sql: statement,
      read: (row) => {
        const { rows, values } = read(row);
        return { rows: rows ?? 0, entries: measuresOf(values) };
      },
    };
  });
}

/** Values under the names that each expectation gave, by its place in the suite. */
export function measuresOf(values: ReadonlyMap<Target, Json>): SuiteMeasured['entries'] {
  const measured = new Map<number, Record<string, Json>>();
  for (const [{ asked }, value] of values) {
    for (const { index, name } of asked) {
      const own = measured.get(index) ?? {};
      own[name] = value;
      measured.set(index, own);
    }
  }
  return measured;
}
