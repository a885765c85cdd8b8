import { ApplicationFailure } from '@temporalio/activity';
import { sql } from 'kysely';
import type { PublishedModel } from '../../models/model.ts';
import { listed, qualified, quoted } from '../../models/relation-name.ts';
import type { Column } from '../../models/relation-name.ts';
import { touchedKeysTable, touchedView } from '../../models/touched-views.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { readColumns } from '../columns.ts';
import { defineFor, defineView } from './catalog.ts';
import { define } from './statement.ts';

const xidColumn = `"_xid" xid8 not null default pg_current_xact_id()`;

/**
 * Makes a model's table from its SELECT, with its keys and indexes, and the table of old images beside it; or brings
 * them up to the SELECT: new columns are added.
 *
 * A touched query may read the target itself, so that of a touched model the keys come from a table whose columns are
 * only known when the target is there: it is made of the delta's side first (see `keyTypes`).
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) when Postgres refuses the SELECT, or when it lacks a column
 *   of the table or has it in another type.
 */
export async function deployTarget(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const there = (await readColumns(trx, model.layer, model.name)).filter(({ name }) => name !== '_xid');
  if (there.length === 0) await createTarget(trx, model);
  else await bringUp(trx, model, there);
  await deployChanges(trx, model);
  await deployIndexes(trx, model);
  if (model.shape.kind === 'touched') {
    const view = qualified('touched', model.name);
    await defineView(trx, model.file, view, touchedView(model.name, model.uniqueKey, model.shape.queries));
  }
}

async function createTarget(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const table = qualified(model.layer, model.name);
  if (model.shape.kind === 'touched') await createTouchedKeys(trx, model);
  await defineFor(trx, model.file, `create table ${table} as\n${model.sql}\nwith no data`);
  const keys = model.uniqueKey.map((name) => `alter column ${quoted(name)} set not null`).join(', ');
  await define(trx, `alter table ${table} add column ${xidColumn}, ${keys}`);
  await define(trx, `create unique index on ${table} (${listed(model.uniqueKey)})`);
  await define(trx, `create index on ${table} ("_xid")`);
  if (model.shape.kind === 'map') await define(trx, `create index on ${table} ("_source", "_revision")`);
}

/**
 * The keys' table, and a first `touched.<model>` over it alone: the SELECT needs one to be read at all, while the whole
 * view may need the target that is made from that SELECT. The types are those of a query that does not read the target.
 */
async function createTouchedKeys(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  if (model.shape.kind !== 'touched') return;
  const query = model.shape.queries.find(
    ({ references }) => !references.some(({ name }) => name === model.name),
  );
  if (query === undefined) {
    throw ApplicationFailure.nonRetryable(
      `${model.file}: every touched: query reads ${model.relation} itself, so no first key is ever found. Add one that does not.`,
      'InvalidModel',
    );
  }
  const keys = qualified('touched', touchedKeysTable(model.name));
  const columns = listed(model.uniqueKey);
  await defineFor(
    trx,
    model.file,
    `create table ${keys} as select null::bigint as "load_id", ${columns} from (\n${query.sql}\n) as asked with no data`,
  );
  await define(trx, `alter table ${keys} add primary key ("load_id", ${columns})`);
  await define(trx, `create view ${qualified('touched', model.name)} as select ${columns} from ${keys}`);
}

async function bringUp(
  trx: DatabaseTransaction,
  model: PublishedModel,
  there: readonly Column[],
): Promise<void> {
  const wanted = await selectColumns(trx, model);
  const types = new Map(wanted.map(({ name, type }) => [name, type]));
  const wrong = there.flatMap(({ name, type }) => {
    const found = types.get(name);
    if (found === undefined) return [`${name} is in the table and not in the SELECT`];
    return found === type ? [] : [`${name} is ${type} in the table and ${found} in the SELECT`];
  });
  if (wrong.length > 0) {
    throw ApplicationFailure.nonRetryable(
      `${model.file} does not fit ${model.relation}: ${wrong.join('; ')}. Readers may use these columns: put them back, ` +
        `or alter ${model.relation} and changes.${model.name} by hand and deploy again.`,
      'InvalidModel',
    );
  }
  const had = new Set(there.map(({ name }) => name));
  for (const { name, type } of wanted.filter((column) => !had.has(column.name))) {
    await define(trx, `alter table ${qualified(model.layer, model.name)} add column ${quoted(name)} ${type}`);
  }
}

/** The SELECT's columns as Postgres understands them now: those of a view that lives as long as the transaction. */
async function selectColumns(trx: DatabaseTransaction, model: PublishedModel): Promise<readonly Column[]> {
  await defineFor(trx, model.file, `create temporary view weir_probe as\n${model.sql}`);
  const { rows } = await sql<Column>`
    select a.attname as name, format_type(a.atttypid, a.atttypmod) as type from pg_catalog.pg_attribute as a
    where a.attrelid = 'pg_temp.weir_probe'::regclass order by a.attnum`.execute(trx);
  await define(trx, 'drop view pg_temp.weir_probe');
  return rows;
}

/** Old images: the target's columns without its keys and promises, `_xid` of the change, and the load that made it. */
async function deployChanges(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const changes = qualified('changes', model.name);
  const target = await readColumns(trx, model.layer, model.name);
  const own = target.filter(({ name }) => name !== '_xid');
  const there = new Set((await readColumns(trx, 'changes', model.name)).map(({ name }) => name));
  if (there.size === 0) {
    const columns = own.map(({ name, type }) => `${quoted(name)} ${type}`).join(',\n  ');
    await define(trx, `create table ${changes} (\n  ${columns},\n  "_load_id" bigint,\n  ${xidColumn}\n)`);
    await define(trx, `create index on ${changes} ("_xid")`);
    return;
  }
  for (const { name, type } of own.filter((column) => !there.has(column.name))) {
    await define(trx, `alter table ${changes} add column ${quoted(name)} ${type}`);
  }
}

async function deployIndexes(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  for (const columns of model.indexes) {
    const name = `${model.name}_${columns.join('_')}`.slice(0, 59);
    await define(
      trx,
      `create index if not exists ${quoted(name)} on ${qualified(model.layer, model.name)} (${listed(columns)})`,
    );
  }
}
