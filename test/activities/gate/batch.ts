import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../../activities/gate/evaluate.ts';
import type { Evaluation } from '../../../activities/gate/evaluate.ts';
import { suiteResult } from '../../../expectations/judge.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import type { ResultFormat } from '../../../expectations/result-format.ts';
import type { Suite } from '../../../expectations/suite.ts';

/** A table as an example gives it: Postgres types by column, rows as text in their order. */
export interface ExampleTable {
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What a suite is asked with. */
export interface Asking {
  readonly values?: JsonObject;
  readonly asOf?: string;
  readonly key?: readonly string[];
  readonly collapse?: string | null;
  readonly format?: ResultFormat | null;
}

/** Asks a suite of a table that exists for this one question. */
export function ask(
  db: Database,
  suite: Suite,
  table: ExampleTable,
  asking: Asking = {},
): Promise<Evaluation & { readonly json: JsonObject }> {
  const { values = {}, asOf = '2017-01-01T10:00:00.000Z', key = [], collapse = null, format = null } = asking;
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const name = 'example';
      await sql`drop schema if exists gate_test cascade`.execute(trx);
      await sql`create schema gate_test`.execute(trx);
      const columns = Object.entries(table.columns).map(
        ([column, type]) => sql`${sql.id(column)} ${sql.raw(type)}`,
      );
      await sql`create table gate_test.example (${sql.join(columns)})`.execute(trx);
      const types = Object.values(table.columns);
      for (const row of table.rows) {
        const cells = row.map((cell, place) => sql`${cell}::text::${sql.raw(types[place] ?? 'text')}`);
        await sql`insert into gate_test.example values (${sql.join(cells)})`.execute(trx);
      }
      const relation = ['gate_test', name] as const;
      const batch = {
        relation,
        collapse,
        columns: await readBatchColumns(trx, { schema: 'gate_test', table: name }),
        key,
      };
      const evaluation = await evaluateSuite(trx, suite, batch, { values, asOf, format });
      const json = suiteResult(suite, evaluation.judged, evaluation, {
        parameters: {},
        meta: {},
      });
      return { ...evaluation, json };
    });
}
