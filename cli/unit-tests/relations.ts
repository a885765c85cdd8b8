import type { DatabaseTransaction } from '../../activities/databases.ts';
import { defineFor } from '../../activities/deploy/catalog.ts';
import { define } from '../../activities/deploy/statement.ts';
import { applySettings } from '../../activities/load-window.ts';
import { isPublished } from '../../models/model.ts';
import type { Model, PublishedModel } from '../../models/model.ts';
import { redirectRelations } from '../../models/redirect.ts';
import { listed, qualified, quoted } from '../../models/relation-name.ts';
import { historyColumns } from '../../models/table-rules.ts';

/** Schemas that tests are run in: whole relations, deltas, touched keys. They go with the transaction that made them. */
export interface TestSchemas {
  readonly whole: string;
  readonly delta: string;
  readonly touched: string;
}

/** What every bronze row has beside its source's own columns; a test leaves it out unless it matters to it. */
const technical = `"loaded_at" timestamp default (pg_catalog.now() at time zone 'UTC'),
  "_source" text default 'given', "_revision" integer default 1, "_load" bigint default 1`;

/**
 * Makes an empty relation for each model, with the columns that the files say it has: of a source its header, of any
 * other its SELECT over those before it. So tests need no deployed model, see what is not deployed yet, and lock nothing
 * that others use.
 *
 * @param models in dependency order, everything that they read among them.
 * @throws ApplicationFailure `InvalidModel` naming the file whose SELECT Postgres refuses.
 */
export async function createRelations(
  trx: DatabaseTransaction,
  schemas: TestSchemas,
  models: readonly Model[],
): Promise<void> {
  for (const schema of Object.values(schemas)) await define(trx, `create schema ${quoted(schema)}`);
  await define(
    trx,
    `create function ${qualified(schemas.whole, 'now')}() returns timestamptz language sql stable as
     $$ select current_setting('weir.as_of')::timestamptz $$`,
  );
  await define(trx, `create sequence ${qualified(schemas.whole, 'arrival')}`);
  await applySettings(trx, [['search_path', `${schemas.whole}, pg_catalog`]]);
  for (const model of models) {
    await createWhole(trx, schemas, model);
    const delta = qualified(schemas.delta, model.name);
    await define(
      trx,
      `create table ${delta} (like ${qualified(schemas.whole, model.name)} including defaults)`,
    );
  }
}

async function createWhole(trx: DatabaseTransaction, schemas: TestSchemas, model: Model): Promise<void> {
  const table = qualified(schemas.whole, model.name);
  if (model.kind === 'source') {
    const columns = Object.entries(model.columns).map(
      ([name, { type }]) => `${quoted(name)} ${type ?? 'text'}`,
    );
    const place = `"_position" bigint default nextval('${qualified(schemas.whole, 'arrival')}'), "_record_hash" uuid`;
    await define(trx, `create table ${table} (${[...columns, technical, place].join(', ')})`);
  } else {
    if (isPublished(model)) await createTouched(trx, schemas, model);
    const select = redirected(schemas, model.sql);
    await defineFor(trx, model.file, `create table ${table} as\n${select}\nwith no data`);
  }
  const added =
    model.kind === 'history' ? historyColumns.map((name) => `add column ${quoted(name)} timestamptz, `) : [];
  await define(
    trx,
    `alter table ${table} ${added.join('')}add column "_xid" xid8 default pg_current_xact_id()`,
  );
}

/** The types of the keys are those of a query that does not read the target, which is not there yet. */
async function createTouched(
  trx: DatabaseTransaction,
  schemas: TestSchemas,
  { name, file, shape, uniqueKey }: PublishedModel,
): Promise<void> {
  if (shape.kind !== 'touched') return;
  const first = shape.queries.find(({ references }) => !references.some((one) => one.name === name));
  if (first === undefined) return;
  const asked = `select ${listed(uniqueKey)} from (\n${redirected(schemas, first.sql)}\n) as asked`;
  await defineFor(trx, file, `create table ${qualified(schemas.touched, name)} as ${asked} with no data`);
}

/** A model's text over the relations of the tests. */
export function redirected({ whole, delta, touched }: TestSchemas, text: string): string {
  return redirectRelations(text, (schema, name) => {
    const to = schema === 'delta' ? delta : schema === 'touched' ? touched : whole;
    return qualified(to, name);
  });
}
