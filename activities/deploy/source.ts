import { ApplicationFailure } from '@temporalio/activity';
import type { SourceModel } from '../../models/model.ts';
import { qualified, quoted } from '../../models/relation-name.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { readColumns } from '../columns.ts';
import { typeNames } from './catalog.ts';
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
 * @throws ApplicationFailure `InvalidModel` (not retryable) when a column's type is not the header's.
 */
export async function deploySource(trx: DatabaseTransaction, model: SourceModel): Promise<void> {
  const table = qualified(model.layer, model.name);
  const wanted = Object.entries(model.columns).map(([name, { type }]) => ({ name, type: type ?? 'text' }));
  const there = new Map(
    (await readColumns(trx, model.layer, model.name)).map(({ name, type }) => [name, type]),
  );
  if (there.size === 0) {
    const columns = wanted.map(({ name, type }) => `${quoted(name)} ${type}`).join(',\n  ');
    await define(trx, `create table ${table} (\n  ${columns},\n  ${technical}\n)`);
    // Windows read by _xid; transaction_id and the like are not indexed here: that doubles the cost of landing.
    await define(trx, `create index on ${table} ("_xid")`);
    return;
  }
  const known = await typeNames(
    trx,
    wanted.map(({ type }) => type),
  );
  for (const { name, type } of wanted) {
    const found = there.get(name);
    if (found === undefined) await define(trx, `alter table ${table} add column ${quoted(name)} ${type}`);
    else if (found !== known.get(type)) throw otherType(model, name, found, type);
  }
}

function otherType(model: SourceModel, column: string, found: string, wanted: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `${model.file}: ${column} is ${wanted} in the header and ${found} in ${model.relation}. Rows that landed keep their type: ` +
      `add a column of another name, or alter the table by hand (alter table ${model.relation} alter column ${column} type ${wanted}) and deploy again.`,
    'InvalidModel',
  );
}
