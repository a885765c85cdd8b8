import { sql } from 'kysely';
import type { Partitioning, PublishedModel } from '../../models/model.ts';
import { qualified, quoted } from '../../models/relation-name.ts';
import type { Column } from '../../models/relation-name.ts';
import { keyMend } from '../../models/schema-change.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { invalidModel } from '../target.ts';
import { define } from './statement.ts';

/** Types whose values are days or lie in one, and whether they have a time zone. */
const types = new Map([
  ['date', false],
  ['timestamp without time zone', false],
  ['timestamp with time zone', true],
]);

/**
 * Makes a target that is partitioned by range of a column, with a default partition: publish has those of days and months
 * made as their rows come (`control.ensure_target_partitions`).
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) when the column is no date or timestamp.
 */
export async function createPartitioned(
  trx: DatabaseTransaction,
  model: PublishedModel,
  { by, column }: Partitioning,
  columns: readonly Column[],
): Promise<void> {
  const type = columns.find(({ name }) => name === column)?.type ?? '';
  const zoned = types.get(type.replace(/\(\d\)/, ''));
  if (zoned === undefined)
    throw invalidModel(
      `${model.file}: partitioning by ${column}, which is ${type}. Partition by a date or a timestamp.`,
    );
  const table = qualified(model.layer, model.name);
  const list = columns.map((one) => `${quoted(one.name)} ${one.type}`).join(',\n  ');
  await define(trx, `create table ${table} (\n  ${list}\n) partition by range (${quoted(column)})`);
  const { rows } = await sql<{ name: string }>`
    select control.target_partition_name(${model.name}, 'default') as name`.execute(trx);
  const partition = qualified('target_partition', rows[0]?.name ?? '');
  await define(trx, `create table ${partition} partition of ${table} default`);
  for (const one of [table, partition]) await define(trx, `alter table ${one} owner to weir_migrator`);
  await sql`insert into control.partitioned_target (model, layer, column_name, zoned, unit)
    values (${model.name}, ${model.layer}, ${column}, ${zoned}, ${by})
    on conflict (model) do update set layer = excluded.layer, column_name = excluded.column_name,
      zoned = excluded.zoned, unit = excluded.unit`.execute(trx);
}

/**
 * Refuses to change how a table is partitioned: its rows would have to be moved.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) saying how it is, and how to build it anew.
 */
export async function checkPartitioning(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const { rows } = await sql<{ by: string; column: string }>`
    select t.unit as by, t.column_name as column from control.partitioned_target as t
    join pg_catalog.pg_class as c on c.oid = to_regclass(${qualified(model.layer, model.name)}) and c.relkind = 'p'
    where t.model = ${model.name}`.execute(trx);
  const is = said(rows[0] ?? null);
  const wanted = said(model.partitioning);
  if (is === wanted) return;
  throw invalidModel(
    `${model.file}: ${model.relation} is ${is} and its header asks for one that is ${wanted}. Rows are not moved by themselves: ${keyMend(model)}`,
  );
}

function said(partitioning: { readonly by: string; readonly column: string } | null): string {
  return partitioning === null
    ? 'not partitioned'
    : `partitioned by ${partitioning.by} of ${partitioning.column}`;
}
