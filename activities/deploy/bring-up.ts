import { sql } from 'kysely';
import type { PublishedModel } from '../../models/model.ts';
import { qualified, quoted } from '../../models/relation-name.ts';
import type { Column } from '../../models/relation-name.ts';
import { allowedChange, compareColumns, keyMend } from '../../models/schema-change.ts';
import type { AllowedChange } from '../../models/schema-change.ts';
import { historyColumns } from '../../models/table-rules.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { postgresFault } from '../postgres-error.ts';
import { invalidModel, lockTarget } from '../target.ts';
import { defineFor } from './catalog.ts';
import { dropDependentViews } from './dependent-views.ts';
import { define } from './statement.ts';

/**
 * Brings a target and its table of old images up to the columns of its SELECT, as far as `on_schema_change` lets it.
 *
 * Views over it that deploy makes are dropped where a column goes or changes, and made again by what comes after.
 *
 * @param there the target's columns without those that Weir adds.
 * @throws ApplicationFailure `InvalidModel` (not retryable) naming the columns and what to do.
 */
export async function bringUp(
  trx: DatabaseTransaction,
  model: PublishedModel,
  there: readonly Column[],
): Promise<void> {
  await checkKey(trx, model);
  const allowed = allowedChange(model, compareColumns(there, await selectColumns(trx, model)));
  if ('refusal' in allowed) throw invalidModel(allowed.refusal);
  const { add, drop, retype } = allowed;
  if (add.length + drop.length + retype.length === 0) return;
  // A publish that is under way ends first; one that comes later sees other columns and has its rows staged again.
  await lockTarget(trx, model.name);
  const table = qualified(model.layer, model.name);
  const changing = [...drop, ...retype].map(({ name }) => name);
  if (changing.length > 0) await dropDependentViews(trx, model.file, table, changing);
  await alter(trx, model, table, allowed);
  await alter(trx, model, qualified('changes', model.name), allowed);
}

/** The SELECT's columns as Postgres understands them now: those of a view that lives as long as the transaction. */
export async function selectColumns(
  trx: DatabaseTransaction,
  model: PublishedModel,
): Promise<readonly Column[]> {
  await defineFor(trx, model.file, `create temporary view weir_probe as\n${model.sql}`);
  const { rows } = await sql<Column>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute as a
    where a.attrelid = 'pg_temp.weir_probe'::regclass order by a.attnum`.execute(trx);
  await define(trx, 'drop view pg_temp.weir_probe');
  return rows;
}

async function alter(
  trx: DatabaseTransaction,
  model: PublishedModel,
  table: string,
  { add, drop, retype }: AllowedChange,
): Promise<void> {
  for (const { name, type } of add)
    await define(trx, `alter table ${table} add column if not exists ${quoted(name)} ${type}`);
  for (const { name } of drop)
    await define(trx, `alter table ${table} drop column if exists ${quoted(name)}`);
  for (const column of retype) await changeType(trx, model, table, column);
}

/**
 * Casts every value of a column. What Postgres says of a value that cannot be cast has that value in it, so it is left out.
 */
async function changeType(
  trx: DatabaseTransaction,
  model: PublishedModel,
  table: string,
  { name, type }: Column,
): Promise<void> {
  const column = quoted(name);
  try {
    await define(trx, `alter table ${table} alter column ${column} type ${type} using ${column}::${type}`);
  } catch (error) {
    const fault = postgresFault(error);
    if (fault === null || !/^(22|42|0A|2B)/.test(fault.sqlstate)) throw error;
    const why =
      fault.sqlstate === '42846'
        ? 'Postgres has no cast between them'
        : `a value cannot be cast, or something depends on it`;
    throw invalidModel(
      `${model.file}: ${name} of ${table.replaceAll('"', '')} cannot become ${type}: ${why} (SQLSTATE ${fault.sqlstate}). ` +
        `Give the new column another name, or ${keyMend(model)}`,
    );
  }
}

/** The unique index by which a target was made says what its key is. */
async function checkKey(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const { rows } = await sql<{ key: string[] }>`
    select array(
      select a.attname::text from pg_catalog.pg_attribute as a where a.attrelid = i.indrelid and a.attnum = any (i.indkey)
      order by a.attname
    ) as key
    from pg_catalog.pg_index as i
    where i.indrelid = to_regclass(${qualified(model.layer, model.name)}) and i.indisunique and i.indpred is null and i.indexprs is null
    order by i.indexrelid`.execute(trx);
  const [validFrom] = historyColumns;
  const wanted = model.kind === 'history' ? [...model.uniqueKey, validFrom] : model.uniqueKey;
  const same = (key: readonly string[]): boolean =>
    key.length === wanted.length && wanted.every((name) => key.includes(name));
  if (rows.some(({ key }) => same(key))) return;
  const kept = rows.map(({ key }) => `(${key.join(', ')})`).join(' and ');
  throw invalidModel(
    `${model.file}: unique_key of a ${model.kind} is (${wanted.join(', ')}), and ${model.relation} is kept unique by ` +
      `${kept === '' ? 'nothing' : kept}. A key or kind never changes by itself: ${keyMend(model)}`,
  );
}
