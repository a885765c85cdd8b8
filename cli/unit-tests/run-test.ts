import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';
import { readColumns } from '../../activities/columns.ts';
import type { DatabaseTransaction } from '../../activities/databases.ts';
import { define } from '../../activities/deploy/statement.ts';
import { applySettings } from '../../activities/load-window.ts';
import { postgresFault } from '../../activities/postgres-error.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import { pairRows } from '../../models/compare-rows.ts';
import type { Difference, TextRow } from '../../models/compare-rows.ts';
import { isPublished, ModelRefused } from '../../models/model.ts';
import type { Model } from '../../models/model.ts';
import type { Column } from '../../models/relation-name.ts';
import { candidateRows } from '../../models/statements/stage.ts';
import type { GivenRows, TestRow, UnitTest } from '../../models/unit-test.ts';
import { asOfSetting } from '../../models/window.ts';
import { redirected } from './relations.ts';
import type { TestSchemas } from './relations.ts';

/** How a test ended. */
export interface TestResult {
  readonly model: string;
  readonly test: UnitTest;
  readonly passed: boolean;
  readonly differences: readonly Difference[];
  /** What went wrong beside the rows: an error of the SELECT, columns that are not the expected ones. */
  readonly error: string | null;
}

/** Gives a model its rows, runs its own text over them, compares, and leaves the relations as empty as they were. */
export async function runTest(
  trx: DatabaseTransaction,
  schemas: TestSchemas,
  model: Exclude<Model, { kind: 'source' }>,
  test: UnitTest,
): Promise<TestResult> {
  await define(trx, 'savepoint before_test');
  try {
    await applySettings(trx, [asOfSetting(test.asOf ?? new Date().toISOString())]);
    for (const given of test.given) await giveRows(trx, schemas, test, given);
    const error = await runModel(trx, schemas, model);
    const found = error === null ? await readColumns(trx, 'pg_temp', 'weir_found') : [];
    const wrong = error ?? columnsError(test, found);
    const differences = wrong === null ? await compare(trx, model, test, found) : [];
    return {
      model: model.name,
      test,
      passed: wrong === null && differences.length === 0,
      differences,
      error: wrong,
    };
  } finally {
    await define(trx, 'rollback to savepoint before_test');
  }
}

/** Rows of a delta have landed: they are in the whole relation too, unless the test says what that holds; and as well the other way round. */
async function giveRows(
  trx: DatabaseTransaction,
  schemas: TestSchemas,
  test: UnitTest,
  { schema, name, rows }: GivenRows,
): Promise<void> {
  const here = schema === 'delta' ? schemas.delta : schemas.whole;
  const other = schema === 'delta' ? schemas.whole : schemas.delta;
  const alone = !test.given.some((one) => one.name === name && one.schema !== schema);
  const columns = await readColumns(trx, here, name);
  for (const row of rows) await insertRow(trx, test, [here, name], columns, row);
  if (alone) await sql`insert into ${sql.id(other, name)} select * from ${sql.id(here, name)}`.execute(trx);
}

/** What is not named takes its default: an order of arrival for what has one, else NULL. */
async function insertRow(
  trx: DatabaseTransaction,
  test: UnitTest,
  [schema, table]: readonly [string, string],
  columns: readonly Column[],
  { line, values }: TestRow,
): Promise<void> {
  const named = Object.keys(values);
  for (const name of named) refuseUnknown(test, line, name, columns, table);
  const into = sql.join(named.map((name) => sql.ref(name)));
  const from = sql.join(named.map((name) => sql.ref(`given.${name}`)));
  await sql`insert into ${sql.id(schema, table)} (${into})
    select ${from} from jsonb_populate_record(null::${sql.id(schema, table)}, ${JSON.stringify(values)}::jsonb) as given`
    .execute(trx)
    .catch((error: unknown) => {
      throw badValue(test, line, error);
    });
}

function refuseUnknown(
  test: UnitTest,
  line: number,
  name: string,
  columns: readonly Column[],
  table: string,
): void {
  const known = columns.map((column) => column.name);
  if (known.includes(name)) return;
  const mend = didYouMean(name, known) || `It has ${known.join(', ')}.`;
  throw new ModelRefused([{ file: test.file, line, problem: `${table} has no column ${name}`, mend }]);
}

/** The rows are the file's own, so what Postgres says of them may be shown. */
function badValue(test: UnitTest, line: number, error: unknown): unknown {
  if (postgresFault(error) === null || !(error instanceof Error)) return error;
  const mend = 'Write the value as Postgres reads it in a column of that type.';
  return new ModelRefused([{ file: test.file, line, problem: error.message, mend }]);
}

/** @returns what Postgres says where it refuses; else the rows are in `pg_temp.weir_found`. */
async function runModel(
  trx: DatabaseTransaction,
  schemas: TestSchemas,
  model: Exclude<Model, { kind: 'source' }>,
): Promise<string | null> {
  await define(trx, 'savepoint before_select');
  try {
    if (isPublished(model) && model.shape.kind === 'touched') {
      for (const { sql: query } of model.shape.queries)
        await touch(trx, schemas, model, redirected(schemas, query));
    }
    await sql`create temporary table weir_found as ${rowsOf(schemas, model)}`.execute(trx);
    return null;
  } catch (error) {
    if (postgresFault(error) === null || !(error instanceof Error)) throw error;
    await define(trx, 'rollback to savepoint before_select');
    return `Postgres refused the SELECT: ${error.message} (SQLSTATE ${postgresFault(error)?.sqlstate})`;
  }
}

function rowsOf(schemas: TestSchemas, model: Exclude<Model, { kind: 'source' }>): RawBuilder<unknown> {
  const text = redirected(schemas, model.sql);
  if (isPublished(model)) return candidateRows({ ...model, sql: text });
  // oxlint-disable-next-line no-restricted-properties -- A view's SELECT is a file of this repository, checked when it was read.
  return sql.raw(text);
}

async function touch(
  trx: DatabaseTransaction,
  { touched }: TestSchemas,
  { name, uniqueKey }: { readonly name: string; readonly uniqueKey: readonly string[] },
  query: string,
): Promise<void> {
  const keys = sql.join(uniqueKey.map((column) => sql.ref(column)));
  const present = sql.join(
    uniqueKey.map((column) => sql`asked.${sql.ref(column)} is not null`),
    sql` and `,
  );
  // oxlint-disable-next-line no-restricted-properties -- A touched query is a file of this repository, checked when it was read.
  const asked = sql.raw(`(${query}\n) as asked`);
  await sql`insert into ${sql.id(touched, name)} select ${keys} from ${asked} where ${present}
    except select ${keys} from ${sql.id(touched, name)}`.execute(trx);
}

function columnsError({ expectColumns }: UnitTest, found: readonly Column[]): string | null {
  const names = found.map(({ name }) => name).join(', ');
  if (expectColumns === null || expectColumns.join(', ') === names) return null;
  return `expected the columns ${expectColumns.join(', ')}; found ${names}`;
}

/** Most rows that are brought here to be shown, of each side. */
const MOST_SHOWN = 100;

async function compare(
  trx: DatabaseTransaction,
  model: Exclude<Model, { kind: 'source' }>,
  test: UnitTest,
  found: readonly Column[],
): Promise<readonly Difference[]> {
  const compared = test.compared.length > 0 ? test.compared : found.map(({ name }) => name);
  for (const name of compared)
    refuseUnknown(test, test.expect[0]?.line ?? test.line, name, found, model.name);
  await sql`create temporary table weir_expected as select * from weir_found with no data`.execute(trx);
  const columns = await readColumns(trx, 'pg_temp', 'weir_expected');
  for (const row of test.expect) await insertRow(trx, test, ['pg_temp', 'weir_expected'], columns, row);
  const types = new Map(found.map(({ name, type }) => [name, type]));
  const missing = await except(trx, ['weir_expected', 'weir_found'], compared, types);
  const unexpected = await except(trx, ['weir_found', 'weir_expected'], compared, types);
  return pairRows(missing, unexpected, isPublished(model) ? model.uniqueKey : []);
}

/** Rows of one relation that the other lacks, each as often as it lacks it, as text. */
async function except(
  trx: DatabaseTransaction,
  [one, other]: readonly [string, string],
  columns: readonly string[],
  types: ReadonlyMap<string, string>,
): Promise<readonly TextRow[]> {
  // json has no equality; jsonb has.
  const comparable = columns.map((name) =>
    types.get(name) === 'json' ? sql`${sql.ref(name)}::jsonb as ${sql.ref(name)}` : sql.ref(name),
  );
  const of = (table: string) => sql`select ${sql.join(comparable)} from ${sql.id('pg_temp', table)}`;
  const texts = columns.map((name) => sql`${sql.ref(`lacking.${name}`)}::text as ${sql.ref(name)}`);
  const { rows } = await sql<TextRow>`
    select ${sql.join(texts)} from (${of(one)} except all ${of(other)}) as lacking order by lacking limit ${MOST_SHOWN}`.execute(
    trx,
  );
  return rows;
}
