import { sql } from 'kysely';
import type { DatabaseTransaction } from '../activities/databases.ts';
import type { Beside } from '../activities/gate/beside.ts';
import { readBatchColumns } from '../activities/gate/batch-columns.ts';
import { CannotGate, evaluationError } from '../activities/gate/fault.ts';
import { applySettings } from '../activities/load-window.ts';
import { postgresFault } from '../activities/postgres-error.ts';
import type { Batch } from '../expectations/compile.ts';
import { didYouMean } from '../expectations/suggestion.ts';
import { loginUrl } from '../infra/local/logins.ts';
import { asOfSetting } from '../models/window.ts';
import type { Setting } from '../models/window.ts';
import { openDatabase } from '../workers/databases.ts';
import { cliDatabaseUrl } from './connect.ts';
import { Failure } from './exit-codes.ts';

/**
 * One snapshot, on the login that owns nothing and may only read.
 *
 * @param asOf ISO 8601: what `now()` is.
 * @param verb as the database shows it among its connections: `weir validate`.
 * @throws Failure (3) with what Postgres said.
 */
export async function reading<T>(
  asOf: string,
  verb: string,
  work: (trx: DatabaseTransaction, beside: Beside) => Promise<T>,
): Promise<T> {
  const database = openDatabase(loginUrl(cliDatabaseUrl(), 'weir_validator'), verb, 2);
  const settings: readonly Setting[] = [asOfSetting(asOf), ['search_path', 'as_of, pg_catalog, public']];
  try {
    return await database
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (trx) => {
        await applySettings(trx, settings);
        return await work(trx, { pool: database, settings });
      });
  } catch (error) {
    throw failureOf(error);
  } finally {
    await database.destroy();
  }
}

const MAY_READ =
  'It reads as weir_validator, which may see bronze, silver, gold and deltas: of another table, `grant usage on schema` and `grant select` to it.';

/** An error of Postgres as somebody at a shell needs it. */
function failureOf(error: unknown): unknown {
  if (error instanceof CannotGate) return new Failure(error.message);
  if (postgresFault(error)?.sqlstate.startsWith('28'))
    return new Failure('the database has no login weir_validator with its password: `weir migrate` makes it');
  const fault = evaluationError(error);
  if (fault === null) return error;
  const denied = postgresFault(error)?.sqlstate === '42501';
  return new Failure(`${fault.message}${denied ? `. ${MAY_READ}` : ''}`);
}

/**
 * The rows of a relation that somebody at a shell names.
 *
 * @param table `schema.table`; names in double quotes where they hold a dot.
 * @param where SQL that chooses rows of it.
 * @throws Failure (3) where there is no such relation.
 */
export async function readBatch(trx: DatabaseTransaction, table: string, where?: string): Promise<Batch> {
  const [schema, name] = readTableName(table);
  const columns = await readBatchColumns(trx, { schema, table: name });
  if (columns.size === 0 && !(await exists(trx, schema, name)))
    throw new Failure(`there is no relation ${table}. ${await nearRelation(trx, schema, name)}`.trim());
  const batch: Batch = { relation: [schema, name], collapse: null, columns, key: [] };
  // oxlint-disable-next-line no-restricted-properties -- SQL that whoever sits at this shell writes, on a login that may only read.
  const chosen: Batch = where === undefined ? batch : { ...batch, where: sql.raw(where) };
  // Asked once without reading a row: Postgres says best what is wrong with it.
  await sql`select from ${sql.id(schema, name)} where (\n${chosen.where ?? sql`true`}\n) limit 0`.execute(
    trx,
  );
  return chosen;
}

async function exists(trx: DatabaseTransaction, schema: string, name: string): Promise<boolean> {
  const { rows } = await sql`
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relname = ${name}`.execute(trx);
  return rows.length > 0;
}

/** What was likely meant: of the relations that stand in the schema, or in any where there is no such schema. */
async function nearRelation(trx: DatabaseTransaction, schema: string, name: string): Promise<string> {
  const { rows } = await sql<{ readonly schema: string; readonly name: string }>`
    select n.nspname as schema, c.relname as name
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and pg_catalog.has_schema_privilege(n.oid, 'USAGE') limit 10000`.execute(trx);
  const inSchema = rows.filter((row) => row.schema === schema);
  return didYouMean(
    `${schema}.${name}`,
    (inSchema.length > 0 ? inSchema : rows).map((row) => `${row.schema}.${row.name}`),
  );
}

/** Names as they are; in double quotes where they hold a dot. */
function readTableName(text: string): readonly [schema: string, name: string] {
  const part = String.raw`("(?:[^"]|"")+"|[^".]+)`;
  const match = new RegExp(`^${part}\\.${part}$`).exec(text);
  const [schema, name] = (match ?? []).slice(1).map(unquoted);
  if (schema === undefined || name === undefined)
    throw new Failure(`${text} is not schema.table, such as bronze.raw_transactions`);
  return [schema, name];
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
