import { sql } from 'kysely';
import type { Database } from '../../../activities/databases.ts';
import { logins, memberOf } from '../../../infra/local/logins.ts';
import type { Need } from './needed.ts';

/** Of those that are needed, the rights that a login has not; of relations and logins that are there. */
export async function missingRights(
  database: Database,
  tables: readonly Need[],
  schemas: readonly Need[],
): Promise<readonly Need[]> {
  const column = (needs: readonly Need[], name: keyof Need) => needs.map((need) => need[name]);
  const asked = (needs: readonly Need[]) => sql`
    unnest(${column(needs, 'login')}::text[], ${column(needs, 'object')}::text[], ${column(needs, 'privilege')}::text[])
      as asked (login, object, privilege)`;
  const { rows } = await sql<Need>`
    select login, object, privilege from ${asked(tables)}
    where to_regclass(object) is not null and to_regrole(login) is not null
      and not has_table_privilege(login, to_regclass(object), privilege)
    union all
    select login, 'schema ' || object, privilege from ${asked(schemas)}
    where to_regnamespace(object) is not null and to_regrole(login) is not null
      and not has_schema_privilege(login, object, privilege)`.execute(database);
  return rows;
}

/** Something that a login may do or is, and should not. */
export interface Excess {
  readonly login: string;
  readonly found: string;
  /** A statement that takes it back. */
  readonly mend: string;
}

/** Rights that would let a login do what another is there for, and powers over the whole cluster. */
export async function excessRights(database: Database): Promise<readonly Excess[]> {
  const names = Object.keys(logins);
  const [powers, memberships, grants, owned] = [
    await sql<Excess>`
      select rolname as login, 'has the power ' || power as found, format('alter role %I no%s', rolname, power) as mend
      from pg_roles, lateral (values ('superuser', rolsuper), ('createdb', rolcreatedb), ('createrole', rolcreaterole),
        ('replication', rolreplication), ('bypassrls', rolbypassrls)) as powers (power, has)
      where has and rolname = any (${names}::text[])`.execute(database),
    await sql<Excess>`
      select m.rolname as login, 'is a member of ' || g.rolname as found, format('revoke %I from %I', g.rolname, m.rolname) as mend
      from pg_auth_members as a join pg_roles as m on m.oid = a.member join pg_roles as g on g.oid = a.roleid
      where m.rolname = any (${names}::text[]) and g.rolname <> 'pg_read_all_stats'
        and not coalesce(${JSON.stringify(memberOf)}::jsonb ->> m.rolname = g.rolname, false)`.execute(
      database,
    ),
    await excessGrants(database, names),
    await sql<Excess>`
      select r.rolname as login, 'owns ' || c.oid::regclass as found,
        format('alter table %s owner to %I', c.oid::regclass, current_user) as mend
      from pg_class as c join pg_roles as r on r.oid = c.relowner join pg_namespace as n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not like 'pg\_%'
        and (r.rolname in ('weir_validator', 'weir_analytics_reader', 'weir_result_reader', 'weir_catalogue_reader')
          or r.rolname in ('weir_loader', 'weir_publisher') and n.nspname <> 'candidate')`.execute(database),
  ];
  return [...powers.rows, ...memberships.rows, ...grants, ...owned.rows];
}

/** What a header asks for is meant, whoever gets it: `control.role_grant` has that. */
async function excessGrants(database: Database, names: readonly string[]): Promise<readonly Excess[]> {
  const { rows } = await sql<Excess>`
    with granted as (
      select coalesce(r.rolname, 'everybody') as login, n.nspname as layer, c.relname as name, c.oid::regclass as relation,
        lower(a.privilege_type) as privilege
      from pg_class as c join pg_namespace as n on n.oid = c.relnamespace, aclexplode(c.relacl) as a
      left join pg_roles as r on r.oid = a.grantee
      where n.nspname in ('bronze', 'silver', 'gold', 'semantic', 'control', 'changes', 'touched', 'delta')
        and (a.grantee = 0 or r.rolname = any (${names}::text[]))
        and not exists (select from control.role_grant as g
          where g.role_name = r.rolname and g.object = n.nspname || '.' || c.relname)
    )
    select login, 'may ' || string_agg(privilege, ', ' order by privilege) || ' on ' || relation as found,
      format('revoke %s on %s from %s', string_agg(privilege, ', ' order by privilege), relation,
        case login when 'everybody' then 'public' else quote_ident(login) end) as mend
    from granted
    where login = 'everybody'
      or login = 'weir_validator' and (privilege <> 'select' or layer = 'control')
      or login = 'weir_analytics_reader' and (privilege <> 'select' or layer not in ('gold', 'semantic'))
      or login = 'weir_result_reader' and privilege <> 'select'
      or login = 'weir_catalogue_reader' and (privilege <> 'select' or layer <> 'control'
        or name in ('gate_result', 'quarantine', 'batch_quarantine'))
      or privilege in ('insert', 'update', 'delete', 'truncate') and (
        login = 'weir_loader' and (layer in ('silver', 'gold', 'semantic') or (layer, name) = ('control', 'watermark'))
        or login = 'weir_publisher' and layer = 'bronze')
    group by login, relation order by login, relation::text`.execute(database);
  return rows;
}
