import { sql } from 'kysely';
import type { PublishedModel } from '../../models/model.ts';
import { listed, qualified, quoted } from '../../models/relation-name.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { define } from './statement.ts';

/** The comment of an index that a header asked for: no other is ever dropped. */
const note = 'weir: of the header';

/** Makes the indexes that a header asks for, and drops those that it once asked for and does no longer. */
export async function deployIndexes(trx: DatabaseTransaction, model: PublishedModel): Promise<void> {
  const wanted = new Map(model.indexes.map((columns) => [indexName(model, columns), columns]));
  const { rows } = await sql<{ name: string; ours: boolean }>`
    select c.relname as name, coalesce(obj_description(c.oid, 'pg_class') = ${note}, false) as ours
    from pg_catalog.pg_index as i join pg_catalog.pg_class as c on c.oid = i.indexrelid
    where i.indrelid = to_regclass(${qualified(model.layer, model.name)})`.execute(trx);
  for (const { name, ours } of rows)
    if (ours && !wanted.has(name)) await define(trx, `drop index ${qualified(model.layer, name)}`);
  const noted = new Set(rows.filter(({ ours }) => ours).map(({ name }) => name));
  for (const [name, columns] of wanted) {
    if (noted.has(name)) continue;
    const table = qualified(model.layer, model.name);
    await define(trx, `create index if not exists ${quoted(name)} on ${table} (${listed(columns)})`);
    await define(trx, `comment on index ${qualified(model.layer, name)} is '${note}'`);
  }
}

function indexName({ name }: PublishedModel, columns: readonly string[]): string {
  return `${name}_${columns.join('_')}`.slice(0, 59);
}
