import { sql } from 'kysely';
import { PLACE } from '../batch-context.ts';
import type { PublishedTable } from '../batch-context.ts';
import { countsOf, judgeRows, mostlyWords } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import { allPresent } from '../repeats.ts';
import { CannotEvaluate } from '../scan.ts';
import type { CatalogueColumn, Column, Scan, Sql } from '../scan.ts';

interface CompoundKwargs {
  readonly column_list: readonly string[];
  readonly mostly?: number;
}

function columnsOf({ column_list }: CompoundKwargs, scan: Scan): readonly Column[] {
  return column_list.map((name) => scan.column(name));
}

function and(conditions: readonly Sql[]): Sql {
  return sql.join(conditions, sql` and `);
}

/** Refuses what cannot be looked up: a table is not read whole to find a few rows. */
function checkLookup({ column_list }: CompoundKwargs, published: PublishedTable): void {
  const name = published.relation.join('.');
  const there = new Set(published.columns?.map((column) => column.name));
  const missing = column_list.filter((column) => !there.has(column));
  if (missing.length > 0) throw new CannotEvaluate(`${name} has no column ${missing.join(', ')}`);
  if (column_list.some((column) => published.indexed.has(column))) return;
  throw new CannotEvaluate(
    `no index of ${name} begins with ${column_list.join(' or ')}: add one to the model's indexes, so that rows are found without reading all of it`,
  );
}

/**
 * Columns that tell whether a published row is the row of the batch itself; none where nobody knows.
 *
 * @throws CannotEvaluate where not both have them: every row would seem a double of itself.
 */
function identityColumns(
  { identity, relation }: PublishedTable,
  columns: readonly CatalogueColumn[],
  scan: Scan,
): readonly string[] {
  const names = identity === null ? [] : identity.kind === 'key' ? identity.columns : PLACE;
  const lacks = (list: readonly CatalogueColumn[]): readonly string[] =>
    names.filter((name) => !list.some((column) => column.name === name));
  const missing = [...new Set([...lacks(scan.columns), ...lacks(columns)])];
  if (missing.length === 0) return names;
  throw new CannotEvaluate(
    `which rows of ${relation.join('.')} are the same cannot be told without ${missing.join(', ')}: ask it in the output gate`,
  );
}

/** True for a published row `t` that is the row of the batch itself: an earlier delivery, or what it corrects. */
function isItself(published: PublishedTable, names: readonly string[]): Sql {
  if (names.length === 0) return sql`false`;
  const same = names.map((name, place) => sql`${sql.id('t', name)} = ${sql.id('g', `i${place}`)}`);
  if (published.identity?.kind === 'key') return and(same);
  const [source, position, revision] = same;
  // Lines move when a file is corrected; its earlier revision is out of every read, so nothing of that is a double.
  const itself = sql`${source} and (${position} or not ${revision})`;
  const { retracted = [] } = published;
  return retracted.length === 0 ? itself : sql`${itself} or ${isRetracted(retracted)}`;
}

/** True for a published row that this load takes out: what stood in it may stand in another file now. */
function isRetracted(retracted: NonNullable<PublishedTable['retracted']>): Sql {
  const files = retracted.map(({ file }) => file);
  const revisions = retracted.map(({ revision }) => revision);
  const listed = sql`select * from unnest(${files}::text[], ${revisions}::integer[])`;
  return sql`(${sql.id('t', '_source')}, ${sql.id('t', '_revision')}) in (${listed})`;
}

/**
 * The combinations `g` (k0, k1, …) of the batch that occur more than once in it, or in the published table on another
 * row, and how many rows `n` of the batch have them.
 *
 * The lookup's `limit 1` keeps it a lookup: as a join the planner may read all of the table instead.
 */
function repeated(kwargs: CompoundKwargs, scan: Scan): Sql {
  const columns = columnsOf(kwargs, scan);
  const list = sql.join(columns.map((column) => column.sql));
  const keys = columns.map((column, place) => sql`${column.sql} as ${sql.id(`k${place}`)}`);
  const published = scan.published();
  const names = published.columns === null ? [] : identityColumns(published, published.columns, scan);
  const identity = names.map((name, place) => sql`any_value(${sql.id(name)}) as ${sql.id(`i${place}`)}`);
  const selected = sql.join([...keys, sql`count(*) as n`, ...identity]);
  const groups = sql`(select ${selected} from ${scan.batch} where ${scan.where(allPresent(columns))} group by ${list}) as g`;
  if (published.columns === null) return sql`${groups} where g.n > 1`;
  checkLookup(kwargs, published);
  const same = kwargs.column_list.map(
    (name, place) => sql`${sql.id('t', name)} = ${sql.id('g', `k${place}`)}`,
  );
  return sql`${groups} left join lateral (select true as found from ${sql.id(...published.relation)} as t
      where g.n = 1 and ${and(same)} and (${isItself(published, names)}) is not true limit 1) as p on true
    where g.n > 1 or p.found`;
}

const published = {
  columns: { id: 'text', _source: 'text', _revision: 'integer', _position: 'bigint' },
  rows: [
    ['T1', 'day-1.jsonl', '1', '1'],
    ['T2', 'day-1.jsonl', '1', '2'],
  ],
  key: ['id'],
};

/** No combination of values occurs twice: neither in the batch, nor on another row that was published before. */
export default defineExpectation<CompoundKwargs>({
  type: 'expect_compound_columns_to_be_unique_in_published',
  docs: {
    promise:
      'No combination of values of the columns occurs twice in the batch, or stands in the published table of the gate’s model on another row. The row itself is no double: one that came from the same place of the same source (a replay, a backfill) or from another revision of the same file (a correction), or, in a model that recomputes its rows, the one of the same key. Found through an index of the table, which is never read whole.',
    empty: 'An empty batch passes.',
    nulls: 'Rows without one of the values are left out.',
    source: '../decisions/005-own-promises.md',
  },
  properties: {
    column_list: {
      type: 'array',
      items: { type: 'string', minLength: 1 },
      minItems: 1,
      uniqueItems: true,
      description: 'Names of one or more columns, of the batch and of the published table alike.',
    },
  },
  required: ['column_list'],
  mostly: true,
  needs: ['published'],
  columns: ({ column_list }) => column_list,
  measure: (kwargs, scan) => ({
    elements: scan.count(),
    present: scan.count(allPresent(columnsOf(kwargs, scan))),
    unexpected: { beside: sql`(select coalesce(sum(g.n), 0)::bigint from ${repeated(kwargs, scan)})` },
  }),
  failing: (kwargs, scan) => {
    const columns = columnsOf(kwargs, scan);
    const own = sql.join(columns.map((column) => column.sql));
    const theirs = sql.join(columns.map((_, place) => sql.id('g', `k${place}`)));
    const predicate = sql`${allPresent(columns)} and (${own}) in (select ${theirs} from ${repeated(kwargs, scan)})`;
    return { predicate, columns: kwargs.column_list };
  },
  judge: ({ mostly = 1 }, measured) =>
    judgeRows(
      countsOf(measured),
      mostly,
      'with a combination that occurs more than once, here or in what is published',
    ),
  describe: ({ column_list, mostly }) =>
    `${column_list.join(', ')} unique${column_list.length > 1 ? ' together' : ''}, here and in what is published${mostlyWords(mostly)}`,
  examples: [
    {
      title: 'an id that was published of another file, one that stands here twice, and the row itself',
      columns: published.columns,
      rows: [
        ['T1', 'day-1.jsonl', '1', '1'],
        ['T2', 'day-2.jsonl', '1', '1'],
        ['T3', 'day-2.jsonl', '1', '2'],
        ['T3', 'day-2.jsonl', '1', '3'],
        [null, 'day-2.jsonl', '1', '4'],
      ],
      kwargs: { column_list: ['id'] },
      around: { published },
      success: false,
      result: {
        element_count: 5,
        missing_count: 1,
        unexpected_count: 3,
        partial_unexpected_list: ['T2', 'T3', 'T3'],
      },
    },
    {
      title: 'a correction that moved a line',
      columns: published.columns,
      rows: [
        ['T0', 'day-1.jsonl', '2', '1'],
        ['T1', 'day-1.jsonl', '2', '2'],
        ['T2', 'day-1.jsonl', '2', '3'],
      ],
      kwargs: { column_list: ['id'] },
      around: { published },
      success: true,
      result: { unexpected_count: 0 },
    },
    {
      title: 'a model that recomputes its rows has each once',
      columns: { day: 'date', store_id: 'text', sales_key: 'text' },
      rows: [
        ['2017-01-01', 'S1', 'K1'],
        ['2017-01-02', 'S1', 'K1'],
      ],
      kwargs: { column_list: ['sales_key'], mostly: 0.5 },
      around: {
        published: {
          columns: { day: 'date', store_id: 'text', sales_key: 'text' },
          rows: [['2017-01-01', 'S1', 'K1']],
          key: ['sales_key'],
        },
      },
      success: false,
      result: { unexpected_count: 2 },
    },
  ],
});
