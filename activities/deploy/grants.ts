import type { Model } from '../../models/model.ts';
import { isPublished } from '../../models/model.ts';
import { qualified } from '../../models/relation-name.ts';
import { touchedKeysTable } from '../../models/touched-views.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { define } from './statement.ts';

/** Lets the logins at a model's relations. The schemas and control tables have theirs from `infra/migrations/002-roles.sql`. */
export async function grantOn(trx: DatabaseTransaction, model: Model): Promise<void> {
  for (const [what, on, to] of grantsOf(model)) await define(trx, `grant ${what} on ${on} to ${to}`);
}

/** What, on which relation, to which logins (separated by commas). */
export type Grant = readonly [what: string, on: string, to: string];

const everything = 'select, insert, update, delete';

/** What Weir's own logins may do with a model's relations. */
export function grantsOf(model: Model): readonly Grant[] {
  const table = qualified(model.layer, model.name);
  const readers: Grant[] =
    model.layer === 'gold' || model.layer === 'semantic' ? [['select', table, 'weir_analytics_reader']] : [];
  if (model.kind === 'view') return [['select', table, 'weir_loader'], ...readers];
  const delta = qualified('delta', model.name);
  const both: Grant[] = [
    ['select', table, 'weir_validator'],
    ['select', delta, 'weir_loader, weir_publisher, weir_validator'],
    ...readers,
  ];
  if (!isPublished(model))
    return [[`${everything}, maintain`, table, 'weir_loader'], ['select', table, 'weir_publisher'], ...both];
  const changes = qualified('changes', model.name);
  const published: Grant[] = [
    ['select, maintain', table, 'weir_loader'],
    [everything, table, 'weir_publisher'],
    ['select, maintain', changes, 'weir_loader'],
    [everything, changes, 'weir_publisher'],
    ...both,
  ];
  if (model.shape.kind !== 'touched') return published;
  const keys = qualified('touched', touchedKeysTable(model.name));
  return [
    ...published,
    ['select', qualified('touched', model.name), 'weir_loader, weir_publisher'],
    [everything, keys, 'weir_loader'],
    ['select, delete', keys, 'weir_publisher'],
  ];
}
