import { sql } from 'kysely';
import type { BatchContext } from './batch-context.ts';
import type { BoundExpectation, Measured, Measures } from './define-expectation.ts';
import { isList, isObject } from './json.ts';
import type { Json, JsonObject } from './json.ts';
import { resolveKwargs, withheldParameters } from './parameters.ts';
import type { ParameterValues } from './parameters.ts';
import { conditionText } from './row-condition.ts';
import type { Proof, Provable } from './proof.ts';
import { conditionSql } from './row-condition-sql.ts';
import { readResultFormat, rowsToFetch, summary } from './result-format.ts';
import type { ResultFormat } from './result-format.ts';
import { CannotEvaluate, createScan, findColumn } from './scan.ts';
import type { CatalogueColumn, Column, Scan, Sql } from './scan.ts';
import type { SuiteExpectation } from './suite-expectation.ts';
import type { Suite } from './suite.ts';

/** Rows that a suite is asked of. */
export interface Batch {
  /** Schema and name of a relation. */
  readonly relation: readonly [schema: string, name: string];
  /**
   * A column of hashes: rows of one hash are deliveries of one record, and count once. Null where none repeats, which
   * is cheaper: the relation is then read as it is.
   */
  readonly collapse: string | null;
  /** Rows of the relation that are in the batch, as SQL; all where it is left out. */
  readonly where?: Sql;
  /** As the catalogue has them, by name. */
  readonly columns: ReadonlyMap<string, CatalogueColumn>;
  /** Columns that say which row it is; samples of failing rows carry them. */
  readonly key: readonly string[];
  /** What stands around it, where a type of the suite asks about that. */
  readonly context?: BatchContext;
}

/** An expectation ready to be asked, or why it cannot be. */
export type Entry = PlannedEntry & {
  /** Parameters whose values are somebody's, or a text of some row: no words about the promise may have them. */
  readonly withheld: readonly string[];
};

type PlannedEntry =
  | {
      readonly expectation: SuiteExpectation;
      readonly kwargs: JsonObject;
      readonly bound: BoundExpectation;
      readonly format: ResultFormat;
      readonly scan: Scan;
      readonly measures: Measures;
      /** What would prove it; null where nothing does, or proofs are switched off. */
      readonly provable: Provable | null;
      /** What has proved it; null where it is measured. */
      readonly proof: Proof | null;
      readonly problem: null;
    }
  | {
      readonly expectation: SuiteExpectation;
      readonly kwargs: JsonObject;
      readonly bound: BoundExpectation | null;
      readonly format: ResultFormat;
      readonly problem: string;
    };

/** An entry that can be asked. */
export type AskableEntry = Extract<Entry, { problem: null }>;

/** A statement that returns one row, and how to read it. */
export interface Statement<Answer> {
  readonly sql: Sql;
  readonly read: (row: Readonly<Record<string, Json>>) => Answer;
}

/** Rows of the batch, and the measures of each entry by its place in the suite. */
export interface SuiteMeasured {
  readonly rows: number;
  readonly entries: ReadonlyMap<number, Measured>;
}

/** What a suite is asked with; parameters stand over the suite's defaults. */
export interface Run extends ParameterValues {
  /** How much results tell, whatever the suite says; null where the suite decides. */
  readonly format: ResultFormat | null;
  /** False: nothing counts as proved, everything is measured. */
  readonly proofs?: boolean;
}

/**
 * Puts parameters in place and makes each expectation's SQL. What cannot be asked (an argument that a parameter made
 * wrong, a column that is not there) has its reason; the others are asked all the same.
 */
export function planSuite(suite: Suite, batch: Batch, run: Run): readonly Entry[] {
  return suite.expectations.map((expectation) => {
    const entry = planEntry(suite, expectation, batch, run);
    return { ...entry, withheld: withheldParameters(expectation, entry.bound?.kwargs ?? null, run) };
  });
}

function planEntry(suite: Suite, expectation: SuiteExpectation, batch: Batch, run: Run): PlannedEntry {
  const format = formatOf(expectation, batch, run);
  const resolved = resolveKwargs(suite, expectation, run);
  if (resolved.kwargs === null)
    return { expectation, kwargs: expectation.kwargs, bound: null, format, problem: resolved.problem };
  const { kwargs } = resolved;
  const bound = expectation.kind.bind(kwargs);
  if (bound === null) {
    const problem = expectation.kind
      .problems(kwargs)
      .map((one) => `${one.pointer.slice(1)} ${one.problem}`.trim());
    return { expectation, kwargs, bound, format, problem: problem.join('; ') };
  }
  try {
    const { condition } = expectation;
    const find = (name: string): Column => findColumn(batch.columns, name);
    if (bound.failing !== null && format.level !== 'BOOLEAN_ONLY') format.key.forEach(find);
    const rows = condition === null ? null : (): Sql => conditionSql(condition, find);
    const around = {
      asOf: run.asOf,
      context: batch.context,
      condition: conditionText(condition),
      orderBy: expectation.weir.orderBy,
      isWhole: batch.where === undefined && batch.collapse === null,
    };
    const scan = createScan(fromBatch(batch), batch.columns, rows, batch.relation[0], around);
    const measures = bound.measure(scan);
    const provable = mayBeProved(suite, expectation, run) ? bound.provable(scan) : null;
    return { expectation, kwargs, bound, scan, measures, provable, proof: null, format, problem: null };
  } catch (error) {
    if (error instanceof CannotEvaluate)
      return { expectation, kwargs, bound, format, problem: error.message };
    throw error;
  }
}

/** Whoever asks may switch proofs off altogether; else the expectation decides over its suite. */
function mayBeProved(suite: Suite, { weir }: SuiteExpectation, run: Run): boolean {
  return run.proofs !== false && (weir.proofs ?? suite.weir.proofs ?? true);
}

/** An entry whose promise is proved: what proof makes certain is not measured any more. */
export function proveEntry(entry: AskableEntry, provable: Provable, proof: Proof): AskableEntry {
  return { ...entry, measures: { ...entry.measures, ...provable.measures }, proof };
}

function formatOf({ kwargs }: SuiteExpectation, batch: Batch, run: Run): ResultFormat {
  const format = run.format ?? readResultFormat(kwargs['result_format'] ?? null) ?? summary;
  return format.key.length > 0 ? format : { ...format, key: batch.key };
}

/** True for an entry that can be asked. */
export function isAskable(entry: Entry): entry is AskableEntry {
  return entry.problem === null;
}

/** A row that breaks an expectation: its key and the values the expectation is about. */
export type FailingRow = JsonObject;

/**
 * One statement that fetches failing rows of each entry, as many as its format asks for; null when there are none to
 * fetch.
 */
export function compileSamples(
  entries: readonly AskableEntry[],
  batch: Batch,
): Statement<ReadonlyMap<number, readonly FailingRow[]>> | null {
  const samples = entries.flatMap((entry) => {
    const most = rowsToFetch(entry.format);
    const failing = most === 0 ? null : selectFailing(entry, batch);
    return failing === null ? [] : [{ index: entry.expectation.index, rows: sql`${failing} limit ${most}` }];
  });
  if (samples.length === 0) return null;
  const list = samples.map(
    ({ index, rows }) =>
      sql`(select coalesce(jsonb_agg(to_jsonb(sample)), '[]') from (${rows}) as sample) as ${sql.id(`s${index}`)}`,
  );
  return {
    sql: sql`${withBatch(batch)}select ${sql.join(list)}`,
    read: (row) => new Map(samples.map(({ index }) => [index, rowsOf(row[`s${index}`])])),
  };
}

/** The statement that lists every failing row of an entry; null where no single row breaks it. */
export function compileFailing(entry: AskableEntry, batch: Batch): Sql | null {
  const failing = selectFailing(entry, batch);
  return failing === null ? null : sql`${withBatch(batch)}${failing}`;
}

/** The statement that lists what an entry found and should not have; null where it is about the table as a whole. */
export function compileListing(entry: AskableEntry, batch: Batch): Sql | null {
  const listing = entry.bound.listing?.(entry.scan) ?? null;
  return listing === null ? compileFailing(entry, batch) : sql`${withBatch(batch)}${listing}`;
}

function selectFailing({ bound, scan, format }: AskableEntry, batch: Batch): Sql | null {
  const failing = bound.failing?.(scan) ?? null;
  if (failing === null) return null;
  const names = [...new Set([...format.key, ...failing.columns])].map((name) => sql.id(name));
  const columns = format.wholeRows ? sql`*` : sql.join(names);
  return sql`select ${columns} from ${fromBatch(batch)} where ${scan.where(failing.predicate)}`;
}

function rowsOf(value: Json | undefined): readonly FailingRow[] {
  return isList(value) ? value.filter(isObject) : [];
}

/**
 * How many deliveries repeat a record that another row of the batch already is. Sorted as eight bytes each first, as
 * countRepeated in repeats.ts does: mostly none repeats.
 *
 * @param hash a column of uuids.
 */
export function compileRepeats(batch: Pick<Batch, 'relation' | 'where'>, hash: string): Statement<number> {
  const [from, column] = [fromRelation(batch), sql.id(hash)];
  const counted = sql`(select coalesce(sum(n - 1), 0)::bigint from (select count(*) as n from ${from} group by ${column} having count(*) > 1) as repeated)`;
  const keyed = sql`(select uuid_hash_extended(${column}, 0) as k from ${from} offset 0) as keyed`;
  return {
    sql: sql`select case when count(*) = count(distinct k) then 0 else ${counted} end as repeats from ${keyed}`,
    read: (row) => Number(row['repeats']),
  };
}

/** What a statement over a batch selects from. */
export function fromBatch(batch: Batch): Sql {
  return batch.collapse === null ? fromRelation(batch) : sql.id('batch');
}

/**
 * The rows of a batch, repeated ones not collapsed. A condition stands on lines of its own: a comment that ends it ends
 * nothing else. Without a name of its own, as a query that a suite brings may give it one: `from {batch} as b`.
 */
export function fromRelation({ relation, where }: Pick<Batch, 'relation' | 'where'>): Sql {
  if (where === undefined) return sql.id(...relation);
  return sql`(select * from ${sql.id(...relation)} where (\n${where}\n))`;
}

/** Collapsed once for the whole statement: every part of it reads the same rows. */
export function withBatch(batch: Batch): Sql {
  if (batch.collapse === null) return sql``;
  return sql`with batch as materialized (select distinct on (${sql.id(batch.collapse)}) * from ${fromRelation(batch)}) `;
}
