import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import { hasRevisions } from '../../models/model.ts';
import type { SourceModel } from '../../models/model.ts';
import { qualified, quoted } from '../../models/relation-name.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { readColumns } from '../columns.ts';
import { typeNames } from './catalog.ts';
import {
  addDefaultPartition,
  convertToPartitioned,
  isPartitioned,
  registerPartitioned,
} from './partitions.ts';
import { define } from './statement.ts';

/** What every bronze table has beside its source's own columns. */
const technical = `"loaded_at" timestamp not null default (pg_catalog.now() at time zone 'UTC'),
  "_source" text not null,
  "_revision" integer not null,
  "_load" bigint not null,
  "_position" bigint not null,
  "_record_hash" uuid not null,
  "_xid" xid8 not null default pg_current_xact_id()`;

/**
 * Makes a source's bronze table, or brings it up to its header: new columns are added. Every column may be NULL, because
 * a landing table has to hold what is wrong; the gate insists.
 *
 * A source that keeps its rows for a time is partitioned by day of arrival (`loaded_at`, UTC), so that a day goes by
 * being dropped; a table that is there already becomes the first partition. One that loses its retention stays
 * partitioned and keeps everything.
 *
 * @param readers the models that read its delta, or the whole of it.
 * @throws ApplicationFailure `InvalidModel` (not retryable) when a column's type is not the header's.
 */
export async function deploySource(
  trx: DatabaseTransaction,
  model: SourceModel,
  readers: readonly string[],
): Promise<void> {
  const there = await readColumns(trx, model.layer, model.name);
  if (there.length === 0) await createTable(trx, model);
  else {
    await bringUp(trx, model, new Map(there.map(({ name, type }) => [name, type])));
    if (model.retention !== null && !(await isPartitioned(trx, model)))
      await convertToPartitioned(trx, model);
  }
  await deployIndexes(trx, model);
  if (await isPartitioned(trx, model)) await registerPartitioned(trx, model, readers);
}

async function createTable(trx: DatabaseTransaction, model: SourceModel): Promise<void> {
  const columns = columnsOf(model).map(({ name, type }) => `${quoted(name)} ${type}`);
  const by = model.retention === null ? '' : ' partition by range ("loaded_at")';
  const table = qualified(model.layer, model.name);
  await define(trx, `create table ${table} (\n  ${columns.join(',\n  ')},\n  ${technical}\n)${by}`);
  if (model.retention !== null) await addDefaultPartition(trx, model);
}

function columnsOf({ columns }: SourceModel): readonly { readonly name: string; readonly type: string }[] {
  return Object.entries(columns).map(([name, { type }]) => ({ name, type: type ?? 'text' }));
}

async function bringUp(
  trx: DatabaseTransaction,
  model: SourceModel,
  there: ReadonlyMap<string, string>,
): Promise<void> {
  const wanted = columnsOf(model);
  const types = wanted.map(({ type }) => type);
  const known = await typeNames(trx, types);
  for (const { name, type } of wanted) {
    const found = there.get(name);
    const table = qualified(model.layer, model.name);
    if (found === undefined) await define(trx, `alter table ${table} add column ${quoted(name)} ${type}`);
    else if (found !== known.get(type)) throw otherType(model, name, found, type);
  }
}

/**
 * Windows by arrival read by `_xid`; transaction_id and the like are not indexed here: that doubles the cost of landing.
 * Windows by event time read a summary of each block range of the time column, which costs next to nothing and serves,
 * because what arrives together happened at about the same time. Not where rows are changed in place.
 */
async function deployIndexes(trx: DatabaseTransaction, model: SourceModel): Promise<void> {
  await deployIndex(trx, model, 'btree', '_xid');
  if (model.timeColumn !== null && hasRevisions(model))
    await deployIndex(trx, model, 'brin', model.timeColumn);
}

async function deployIndex(
  trx: DatabaseTransaction,
  { layer, name }: SourceModel,
  method: 'btree' | 'brin',
  column: string,
): Promise<void> {
  const { rows } = await sql<{ there: boolean }>`
    select exists (
      select from pg_catalog.pg_index as i
      join pg_catalog.pg_class as c on c.oid = i.indexrelid join pg_catalog.pg_am as m on m.oid = c.relam
      join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = to_regclass(format('%I.%I', ${layer}::text, ${name}::text))
        and i.indnkeyatts = 1 and a.attname = ${column} and m.amname = ${method}
    ) as there`.execute(trx);
  if (rows[0]?.there === true) return;
  await define(trx, `create index on ${qualified(layer, name)} using ${method} (${quoted(column)})`);
}

function otherType(model: SourceModel, column: string, found: string, wanted: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `${model.file}: ${column} is ${wanted} in the header and ${found} in ${model.relation}. Rows that landed keep their type: ` +
      `add a column of another name, or alter the table by hand (alter table ${model.relation} alter column ${column} type ${wanted}) and deploy again.`,
    'InvalidModel',
  );
}
