import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../../activities/databases.ts';
import { readBatchColumns } from '../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../activities/gate/evaluate.ts';
import { CannotGate } from '../../activities/gate/fault.ts';
import { postgresFault } from '../../activities/postgres-error.ts';
import { suiteResult } from '../../expectations/judge.ts';
import { isObject } from '../../expectations/json.ts';
import type { JsonObject } from '../../expectations/json.ts';
import { readResultFormat } from '../../expectations/result-format.ts';
import { parseSuite, SuiteRefused } from '../../expectations/suite.ts';
import type { Suite } from '../../expectations/suite.ts';
import type { Case, CaseTable } from './read-cases.ts';

/** What Weir says to a case. */
export type Answer =
  | { readonly error: string }
  | { readonly error: null; readonly success: boolean; readonly result: JsonObject };

class Undone extends Error {}

/** Imports the case's suite, makes its tables, asks, and leaves nothing behind. */
export async function askCase(database: Database, one: Case, asOf: string): Promise<Answer> {
  let suite: Suite;
  try {
    suite = parseSuite('suite.json', one.suiteText);
  } catch (error) {
    if (error instanceof SuiteRefused) return { error: `refused: ${error.message}` };
    throw error;
  }
  let answer: Answer = { error: 'not asked' };
  const asking = database.transaction().setIsolationLevel('repeatable read');
  await asking
    .execute(async (trx) => {
      answer = await ask(trx, suite, one, asOf);
      throw new Undone();
    })
    .catch((error: unknown) => {
      if (error instanceof Undone) return;
      // A case that Postgres cannot even set up is told, and the others are run all the same.
      if (postgresFault(error) === null) throw error;
      const message = error instanceof Error ? error.message : String(error);
      console.error(`${one.id} cannot be run: ${message}`);
      answer = { error: `cannot be run: ${message}` };
    });
  return answer;
}

async function ask(trx: DatabaseTransaction, suite: Suite, one: Case, asOf: string): Promise<Answer> {
  await sql`set local statement_timeout = '20s'`.execute(trx);
  await sql`create schema if not exists ${sql.id(one.schema)}`.execute(trx);
  for (const table of [one, ...one.otherTables]) await makeTable(trx, one.schema, table);
  await sql`select pg_catalog.set_config('search_path', ${`"${one.schema.replaceAll('"', '""')}", public`}, true)`.execute(
    trx,
  );
  const format = readResultFormat(one.resultFormat);
  if (format === null) return { error: `refused: result_format ${JSON.stringify(one.resultFormat)}` };
  const columns = await readBatchColumns(trx, { schema: one.schema, table: one.table });
  const batch = { relation: [one.schema, one.table] as const, collapse: null, columns, key: [] };
  try {
    const found = await evaluateSuite(trx, suite, batch, { values: one.parameters, asOf, format });
    const json = suiteResult(suite, found.judged, found, { parameters: {}, meta: {} });
    const [only] = found.judged;
    const results = json['results'];
    const result = Array.isArray(results) && isObject(results[0]) ? results[0]['result'] : null;
    if (only === undefined) return { error: 'no result' };
    if (only.error !== null) return { error: only.error.message };
    return { error: null, success: only.success, result: isObject(result) ? result : {} };
  } catch (error) {
    if (error instanceof CannotGate) return { error: error.message };
    throw error;
  }
}

/** A statement binds at most 65,535 values. */
const MOST_BOUND = 30_000;

async function makeTable(trx: DatabaseTransaction, schema: string, table: CaseTable): Promise<void> {
  const { columns, rows } = table;
  const name = sql.id(schema, table.table);
  const defined = columns.map((column) => sql`${sql.id(column.name)} ${sql.raw(column.type)}`);
  await sql`create table ${name} (${sql.join(defined)})`.execute(trx);
  if (columns.length === 0) {
    for (const _ of rows) await sql`insert into ${name} default values`.execute(trx);
    return;
  }
  const atOnce = Math.floor(MOST_BOUND / columns.length);
  for (let from = 0; from < rows.length; from += atOnce) {
    const values = rows.slice(from, from + atOnce).map((row) => {
      const cells = columns.map(
        ({ type }, place) => sql`cast(${row[place] ?? null}::text as ${sql.raw(type)})`,
      );
      return sql`(${sql.join(cells)})`;
    });
    await sql`insert into ${name} values ${sql.join(values)}`.execute(trx);
  }
}
