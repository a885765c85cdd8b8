import { sql } from 'kysely';
import type { Database, DatabaseTransaction } from '../../../activities/databases.ts';
import { withTableContext } from '../../../activities/gate/batch-context.ts';
import { readBatchColumns } from '../../../activities/gate/batch-columns.ts';
import { evaluateSuite } from '../../../activities/gate/evaluate.ts';
import type { Evaluation } from '../../../activities/gate/evaluate.ts';
import type { Batch } from '../../../expectations/compile.ts';
import type { Surroundings } from '../../../expectations/define-expectation.ts';
import { suiteResult } from '../../../expectations/judge.ts';
import type { JsonObject } from '../../../expectations/json.ts';
import { resultMeta } from '../../../expectations/result-meta.ts';
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
  readonly around?: Surroundings | undefined;
}

/** Asks a suite of a table that exists for this one question. */
export function ask(
  db: Database,
  suite: Suite,
  table: ExampleTable,
  asking: Asking = {},
): Promise<Evaluation & { readonly json: JsonObject }> {
  const {
    values = {},
    asOf = '2017-01-01T10:00:00.000Z',
    key = [],
    collapse = null,
    format = null,
    around = {},
  } = asking;
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      const name = 'example';
      await sql`drop schema if exists gate_test cascade`.execute(trx);
      await sql`create schema gate_test`.execute(trx);
      await makeTable(trx, 'example', table);
      const relation = ['gate_test', name] as const;
      const batch = {
        relation,
        collapse,
        columns: await readBatchColumns(trx, { schema: 'gate_test', table: name }),
        key,
      };
      const placed = await withSurroundings(trx, batch, suite, around);
      const evaluation = await evaluateSuite(trx, suite, placed, { values, asOf, format });
      const json = suiteResult(suite, evaluation.judged, evaluation, {
        parameters: values,
        meta: resultMeta({ name: 'test', asOf, asset: relation.join('.') }, { rows: evaluation.rows }),
      });
      return { ...evaluation, json };
    });
}

async function makeTable(trx: DatabaseTransaction, name: string, table: ExampleTable): Promise<void> {
  const columns = Object.entries(table.columns).map(
    ([column, type]) => sql`${sql.id(column)} ${sql.raw(type)}`,
  );
  await sql`create table ${sql.id('gate_test', name)} (${sql.join(columns)})`.execute(trx);
  const types = Object.values(table.columns);
  for (const row of table.rows) {
    const cells = row.map((cell, place) => sql`${cell}::text::${sql.raw(types[place] ?? 'text')}`);
    await sql`insert into ${sql.id('gate_test', name)} values (${sql.join(cells)})`.execute(trx);
  }
}

/** Makes what stands around an example's batch. */
async function withSurroundings(
  trx: DatabaseTransaction,
  batch: Batch,
  suite: Suite,
  { published, past = {} }: Surroundings,
): Promise<Batch> {
  if (published !== undefined) {
    await makeTable(trx, 'published', published);
    const key = published.key.map((name) => sql.id(name));
    await sql`create unique index on gate_test.published (${sql.join(key)})`.execute(trx);
  }
  const relation = published === undefined ? null : (['gate_test', 'published'] as const);
  const placed = await withTableContext(trx, batch, suite, relation);
  if (placed.context === undefined) return placed;
  const figures = Object.entries(past).map(
    ([name, list]) => [name, list.map((figure, place) => ({ weeksAgo: place + 1, figure }))] as const,
  );
  return { ...placed, context: { ...placed.context, past: new Map(figures) } };
}
