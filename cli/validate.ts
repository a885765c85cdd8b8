import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineCommand } from 'citty';
import { sql } from 'kysely';
import type { DatabaseTransaction } from '../activities/databases.ts';
import { readBatchColumns } from '../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../activities/gate/evaluate.ts';
import { CannotGate, evaluationError } from '../activities/gate/fault.ts';
import { applySettings } from '../activities/load-window.ts';
import { postgresFault } from '../activities/postgres-error.ts';
import type { Batch, Run } from '../expectations/compile.ts';
import { formatInstant, parseInstant } from '../expectations/instant.ts';
import type { Json, JsonObject } from '../expectations/json.ts';
import { failedExpectation, suiteResult } from '../expectations/judge.ts';
import { checkParameters } from '../expectations/parameters.ts';
import { problemText } from '../expectations/problem.ts';
import { readResultFormat } from '../expectations/result-format.ts';
import type { ResultFormat } from '../expectations/result-format.ts';
import { parseSuite } from '../expectations/suite.ts';
import type { Suite } from '../expectations/suite.ts';
import { outcomeOf } from '../expectations/verdict.ts';
import { loginUrl } from '../infra/local/logins.ts';
import { asOfSetting } from '../models/window.ts';
import { openDatabase } from '../workers/databases.ts';
import { cliDatabaseUrl } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';
import { explainText } from './validate-explain.ts';
import { validationText } from './validate-text.ts';

/** `weir validate`: asks a suite of a table, and tells nobody but whoever asked. */
export default defineCommand({
  meta: {
    name: 'validate',
    description:
      'Check a table against a suite. Example: weir validate transactions --table bronze.raw_transactions --parameter min_rows=1. Exit codes: 0 it holds, 1 something critical failed, 2 a warning failed, 3 could not run.',
  },
  args: {
    suite: { type: 'positional', required: true, description: 'a suite file, or the name of one of ours' },
    table: { type: 'string', required: true, description: 'schema.table, or schema.view' },
    where: { type: 'string', description: 'SQL that chooses rows of it' },
    parameter: { type: 'string', description: 'name=value, as JSON or text; again for each' },
    'as-of': { type: 'string', description: 'what now() is, ISO 8601 with a zone; default: now' },
    'result-format': {
      type: 'string',
      description: 'BOOLEAN_ONLY, BASIC, SUMMARY, COMPLETE, or an object as JSON',
    },
    json: { type: 'boolean', description: 'print Great Expectations’ result JSON' },
    explain: { type: 'boolean', description: 'print the SQL and its scans, and ask nothing' },
  },
  run: exitsWith(async ({ args, rawArgs }): Promise<ExitCode> => {
    const suite = readSuite(args.suite);
    const run: Run = {
      values: readParameters(rawArgs),
      asOf: readAsOf(args['as-of']),
      format: readFormat(args['result-format']),
    };
    const unmet = checkParameters(suite, Object.keys(run.values));
    if (unmet.length > 0) throw new Failure(unmet.map(problemText).join('\n'));
    return await reading(run.asOf, async (trx) => {
      const batch = await readBatch(trx, args.table, args.where);
      if (args.explain) {
        process.stdout.write(`${await explainText(trx, suite, batch, run)}\n`);
        return exitCodes.done;
      }
      const began = performance.now();
      const found = await evaluateSuite(trx, suite, batch, run);
      const failed = found.judged.flatMap((one) => failedExpectation(one, new Set()) ?? []);
      const meta = { validation_time: run.asOf, weir: { relation: args.table, rows: found.rows } };
      const result = suiteResult(suite, found.judged, found, { parameters: run.values, meta });
      const milliseconds = performance.now() - began;
      process.stdout.write(
        args.json ? `${JSON.stringify(result, null, 2)}\n` : validationText(suite, found, milliseconds),
      );
      const outcome = outcomeOf(failed);
      return { pass: exitCodes.done, warn: exitCodes.warned, fail: exitCodes.gateFailed }[outcome];
    });
  }),
});

function readSuite(named: string): Suite {
  const ours = path.resolve(import.meta.dirname, '..', 'expectations', 'suites', `${named}.json`);
  const file = existsSync(named) ? named : existsSync(ours) ? ours : null;
  if (file === null) throw new Failure(`there is no suite ${named}: neither such a file, nor ${ours}`);
  return parseSuite(file, readFileSync(file, 'utf8'));
}

/** citty keeps only the last of several. */
function readParameters(rawArgs: readonly string[]): JsonObject {
  const written = rawArgs.flatMap((word, at) => {
    if (word === '--parameter') return [rawArgs[at + 1] ?? ''];
    return word.startsWith('--parameter=') ? [word.slice('--parameter='.length)] : [];
  });
  return Object.fromEntries(
    written.map((text): [string, Json] => {
      const at = text.indexOf('=');
      if (at < 1) throw new Failure(`--parameter ${text} is not name=value`);
      return [text.slice(0, at), jsonOrText(text.slice(at + 1))];
    }),
  );
}

function jsonOrText(text: string): Json {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

function readAsOf(text: string | undefined): string {
  if (text === undefined) return new Date().toISOString();
  const instant = parseInstant(text);
  if (instant === null) throw new Failure(`--as-of ${text} is not ISO 8601, such as 2017-01-02T08:00:00Z`);
  return formatInstant(instant);
}

function readFormat(text: string | undefined): ResultFormat | null {
  if (text === undefined) return null;
  const format = readResultFormat(jsonOrText(text));
  if (format !== null) return format;
  throw new Failure(
    `--result-format ${text} is none: BOOLEAN_ONLY, BASIC, SUMMARY, COMPLETE, or {"result_format": …} as JSON`,
  );
}

/** One snapshot, on the login that owns nothing and may only read. */
async function reading<T>(asOf: string, work: (trx: DatabaseTransaction) => Promise<T>): Promise<T> {
  const database = openDatabase(loginUrl(cliDatabaseUrl(), 'weir_validator'), 'weir validate', 1);
  try {
    return await database
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        await applySettings(trx, [asOfSetting(asOf), ['search_path', 'as_of, pg_catalog, public']]);
        return await work(trx);
      });
  } catch (error) {
    throw failureOf(error);
  } finally {
    await database.destroy();
  }
}

/** An error of Postgres as somebody at a shell needs it. */
function failureOf(error: unknown): unknown {
  if (error instanceof CannotGate) return new Failure(error.message);
  if (postgresFault(error)?.sqlstate.startsWith('28'))
    return new Failure('the database has no login weir_validator with its password: `weir migrate` makes it');
  const fault = evaluationError(error);
  return fault === null ? error : new Failure(fault.message);
}

async function readBatch(trx: DatabaseTransaction, table: string, where?: string): Promise<Batch> {
  const [schema, name] = readTableName(table);
  const columns = await readBatchColumns(trx, { schema, table: name });
  if (columns.size === 0) throw new Failure(`there is no relation ${table}`);
  const batch: Batch = { relation: [schema, name], collapse: null, columns, key: [] };
  // oxlint-disable-next-line no-restricted-properties -- SQL that whoever sits at this shell writes, on a login that may only read.
  const chosen: Batch = where === undefined ? batch : { ...batch, where: sql.raw(where) };
  // Asked once without reading a row: Postgres says best what is wrong with it.
  await sql`select from ${sql.id(schema, name)} where (\n${chosen.where ?? sql`true`}\n) limit 0`.execute(
    trx,
  );
  return chosen;
}

/** Names as they are; in double quotes where they hold a dot. */
function readTableName(text: string): readonly [schema: string, name: string] {
  const part = String.raw`("(?:[^"]|"")+"|[^".]+)`;
  const match = new RegExp(`^${part}\\.${part}$`).exec(text);
  const [schema, name] = (match ?? []).slice(1).map(unquoted);
  if (schema === undefined || name === undefined)
    throw new Failure(`--table ${text} is not schema.table, such as bronze.raw_transactions`);
  return [schema, name];
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
