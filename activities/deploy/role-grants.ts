import { sql } from 'kysely';
import type { Model } from '../../models/model.ts';
import { qualified, quoted } from '../../models/relation-name.ts';
import type { DatabaseTransaction } from '../databases.ts';
import { invalidModel } from '../target.ts';
import { define } from './statement.ts';

/**
 * Lets the roles that a header names read its relation, and takes back what a header once gave and gives no longer. What
 * somebody granted by hand is left as it is.
 *
 * @throws ApplicationFailure `InvalidModel` (not retryable) naming the roles that do not exist.
 */
export async function grantToRoles(trx: DatabaseTransaction, model: Model): Promise<void> {
  await refuseUnknown(trx, model);
  const relation: Grantable = {
    object: model.relation,
    on: qualified(model.layer, model.name),
    what: 'select',
  };
  for (const role of model.grants) {
    await grant(
      trx,
      { object: `schema ${model.layer}`, on: `schema ${quoted(model.layer)}`, what: 'usage' },
      role,
    );
    await grant(trx, relation, role);
  }
  await revokeOthers(trx, relation, model.grants);
}

interface Grantable {
  /** As `control.role_grant` names it. */
  readonly object: string;
  readonly on: string;
  readonly what: 'select' | 'usage';
}

async function refuseUnknown(trx: DatabaseTransaction, model: Model): Promise<void> {
  const { rows } = await sql<{ role: string }>`
    select role from unnest(${[...model.grants]}::text[]) as named (role)
    where not exists (select from pg_catalog.pg_roles where rolname = role)`.execute(trx);
  if (rows.length === 0) return;
  const roles = rows.map(({ role }) => role);
  throw invalidModel(
    `${model.file}: grants name ${roles.join(', ')}, which this server does not have. ` +
      `Make it (create role ${roles[0] ?? ''}) and run weir migrate, or take it out of the header.`,
  );
}

async function grant(trx: DatabaseTransaction, { object, on, what }: Grantable, role: string): Promise<void> {
  const { rows } = await sql<{ has: boolean }>`
    select exists (
      select from (
        select relacl as acl from pg_catalog.pg_class where oid = to_regclass(${what === 'select' ? on : null})
        union all
        select nspacl from pg_catalog.pg_namespace where 'schema ' || nspname = ${object}
      ) as object, aclexplode(acl) as given
      join pg_catalog.pg_roles as role on role.oid = given.grantee
      where role.rolname = ${role} and given.privilege_type = upper(${what})
    ) as has`.execute(trx);
  if (rows[0]?.has === true) return;
  await define(trx, `grant ${what} on ${on} to ${quoted(role)}`);
  await trx
    .insertInto('control.role_grant')
    .values({ object, role_name: role })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Also the way into the schema, where it was given with the relation and nothing else needs it. */
async function revokeOthers(
  trx: DatabaseTransaction,
  { object, on, what }: Grantable,
  kept: readonly string[],
): Promise<void> {
  const noted = await trx
    .deleteFrom('control.role_grant')
    .where('object', '=', object)
    .$if(kept.length > 0, (query) => query.where('role_name', 'not in', [...kept]))
    .returning('role_name as role')
    .execute();
  for (const { role } of noted) {
    if (!(await exists(trx, role))) continue;
    await define(trx, `revoke ${what} on ${on} from ${quoted(role)}`);
    const schema = object.split('.')[0] ?? '';
    const { rows } = await sql<{ role: string }>`
      delete from control.role_grant where object = ${`schema ${schema}`} and role_name = ${role} and not exists (
        select from control.role_grant where role_name = ${role} and split_part(object, '.', 1) = ${schema}
      ) returning role_name as role`.execute(trx);
    if (rows.length > 0) await define(trx, `revoke usage on schema ${quoted(schema)} from ${quoted(role)}`);
  }
}

async function exists(trx: DatabaseTransaction, role: string): Promise<boolean> {
  const { rows } = await sql`select from pg_catalog.pg_roles where rolname = ${role}`.execute(trx);
  return rows.length > 0;
}
