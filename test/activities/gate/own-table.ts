import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { ControlTables, Database } from '../../../activities/databases.ts';
import type { Beside } from '../../../activities/gate/beside.ts';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../../activities/gate/evaluate.ts';
import type { Evaluation } from '../../../activities/gate/evaluate.ts';
import type { ResultFormat } from '../../../expectations/result-format.ts';
import type { Suite } from '../../../expectations/suite.ts';

/** A pool that writes down what it is sent. */
export interface WatchedDatabase {
  readonly db: Database;
  /** Every statement, in the order in which they ended. */
  readonly sent: string[];
  close(): Promise<void>;
}

/** @param options for each connection: `-c statement_timeout=300`. */
export function watchedDatabase(connectionString: string, max = 5, options = ''): WatchedDatabase {
  const sent: string[] = [];
  const pool = new pg.Pool({ connectionString, max, options });
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  const db = new Kysely<ControlTables>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => {
      sent.push(query.sql);
    },
  });
  return { db, sent, close: () => db.destroy() };
}

/** Of what was sent, the statements that measure a batch: those that read it. */
export function measuring(sent: readonly string[]): readonly string[] {
  return sent.filter((text) => /^(with batch [\s\S]*)?select [\s\S]* as ("m\d+"|rows)/.test(text));
}

/** How a suite is asked of a table that is there. */
export interface AskingTable {
  readonly relation: readonly [schema: string, name: string];
  readonly beside?: Beside;
  readonly format?: ResultFormat;
  /** Called when the transaction has its snapshot. */
  readonly begun?: () => Promise<void>;
}

/** Asks a suite of a table that is there, so that another connection sees it too. */
export function askTable(
  db: Database,
  suite: Suite,
  { relation, beside, format, begun }: AskingTable,
): Promise<Evaluation> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      const [schema, table] = relation;
      for (const [name, value] of beside?.settings ?? [])
        await sql`select set_config(${name}, ${value}, true)`.execute(trx);
      const columns = await readBatchColumns(trx, { schema, table });
      await begun?.();
      const run = { values: {}, asOf: '2017-01-01T10:00:00.000Z', format: format ?? null };
      return evaluateSuite(trx, suite, { relation, collapse: null, columns, key: [] }, run, beside);
    });
}
