import { ApplicationFailure } from '@temporalio/activity';
import { selectedColumns } from '../../models/history-columns.ts';
import type { PublishedModel } from '../../models/model.ts';
import { listed, qualified, quoted } from '../../models/relation-name.ts';
import { touchedKeysTable, touchedView } from '../../models/touched-views.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { readColumns } from '../columns.ts';
import { bringUp, selectColumns } from './bring-up.ts';
import { defineFor, defineView } from './catalog.ts';
import { deployIndexes } from './indexes.ts';
import { checkPartitioning, createPartitioned } from './partitioned-target.ts';
import { define } from './statement.ts';

const xidColumn = `"_xid" xid8 not null default pg_current_xact_id()`;

/**
 * Makes a model's table from its SELECT, with its keys and indexes, and the table of old images beside it; or brings
 * them up to the SELECT as `on_schema_change` says.
 *
 * A touched query may read the target itself, so that of a touched model the keys come from a table whose columns are
 * only known when the target is there: it is made of the delta's side first (see `keyTypes`).
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) when Postgres refuses the SELECT, or when its columns are not
 *   those of the table and `on_schema_change` does not let it change.
 */
export async function deployTarget(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const there = selectedColumns(model, await readColumns(trx, model.layer, model.name));
  if (there.length === 0) await createTarget(trx, model);
  else {
    await checkPartitioning(trx, model);
    await ensureTouchedView(trx, model);
    await bringUp(trx, model, there);
  }
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
  await (model.partitioning === null
    ? defineFor(trx, model.file, `create table ${table} as\n${model.sql}\nwith no data`)
    : createPartitioned(trx, model, model.partitioning, await selectColumns(trx, model)));
  const keys = model.uniqueKey.map((name) => `alter column ${quoted(name)} set not null`).join(', ');
  const added = model.kind === 'history' ? `${versionColumns}, ` : '';
  await define(trx, `alter table ${table} ${added}add column ${xidColumn}, ${keys}`);
  await (model.kind === 'history'
    ? keepOneVersion(trx, model)
    : define(trx, `create unique index on ${table} (${listed(model.uniqueKey)})`));
  await define(trx, `create index on ${table} ("_xid")`);
  if (model.shape.kind === 'map') await define(trx, `create index on ${table} ("_source", "_revision")`);
}

/** From when until when each row of a history stood, `valid_to` being NULL for the current one. */
const versionColumns = `add column "valid_from" timestamptz not null, add column "valid_to" timestamptz,
  add check ("valid_from" < "valid_to")`;

/** Of each key of a history there is one version at a time, and one current one. */
async function keepOneVersion(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const table = qualified(model.layer, model.name);
  const key = listed(model.uniqueKey);
  await define(trx, `create unique index on ${table} (${key}, "valid_from")`);
  await define(trx, `create unique index on ${table} (${key}) where "valid_to" is null`);
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
  await ensureTouchedView(trx, model);
}

/**
 * A first `touched.<model>` over the keys' table alone, where there is none: the model is new, or one that it reads has
 * changed its columns and taken the view with them.
 */
async function ensureTouchedView(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  if (model.shape.kind !== 'touched') return;
  if ((await readColumns(trx, 'touched', model.name)).length > 0) return;
  const keys = qualified('touched', touchedKeysTable(model.name));
  const view = qualified('touched', model.name);
  await define(trx, `create view ${view} as select ${listed(model.uniqueKey)} from ${keys}`);
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
