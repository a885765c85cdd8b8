import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { loginPassword, logins, memberOf } from './local/logins.ts';
import type { Login } from './local/logins.ts';

/** SQLSTATEs of two sessions that make or change one role at once: duplicate role, unique violation, tuple changed. */
const MET_ANOTHER = new Set(['42710', '23505', 'XX000', '40001', '40P01']);

/**
 * Creates Weir's logins and brings those that are there up to date: password and session settings.
 *
 * Roles belong to the whole cluster while a lock reaches only one database, so two databases that migrate at once can
 * meet here; whoever comes second looks again.
 */
export async function ensureLogins<Tables>(admin: Kysely<Tables>, adminUrl: string): Promise<void> {
  for (const login of Object.keys(logins).filter(isLogin))
    await ensureLogin(admin, login, loginPassword(adminUrl, login));
}

function isLogin(name: string): name is Login {
  return Object.hasOwn(logins, name);
}

async function ensureLogin<Tables>(admin: Kysely<Tables>, login: Login, password: string): Promise<void> {
  const settings = Object.entries(logins[login]);
  const group = memberOf[login];
  // Kept as the role's comment, which anyone may read; a hash of a 256-bit password gives nothing away.
  const wanted = `Weir login ${createHash('sha256')
    .update(JSON.stringify([password, settings, ...(group === undefined ? [] : [group])]))
    .digest('hex')
    .slice(0, 16)}`;
  for (let attempt = 1; ; attempt += 1) {
    if ((await comment(admin, login)) === wanted) return;
    try {
      await admin.transaction().execute(async (trx) => {
        await sql`select set_config('weir.login', ${login}, true), set_config('weir.password', ${password}, true),
          set_config('weir.settings', ${JSON.stringify(settings)}, true), set_config('weir.comment', ${wanted}, true),
          set_config('weir.group', ${group ?? ''}, true)`.execute(trx);
        await makeLogin.execute(trx);
      });
      return;
    } catch (error) {
      const state = error instanceof Error ? Reflect.get(error, 'code') : undefined;
      if (typeof state !== 'string' || !MET_ANOTHER.has(state) || attempt === 20) throw error;
    }
  }
}

/** Statements about roles take no parameters: the values come in as settings and are quoted by `format`. */
const makeLogin = sql`
do $$
declare
  login text := current_setting('weir.login');
  name text;
  value text;
begin
  if not exists (select from pg_roles where rolname = login) then
    execute format('create role %I', login);
  end if;
  execute format('alter role %I login nosuperuser nocreatedb nocreaterole noreplication password %L', login,
    current_setting('weir.password'));
  for name, value in
    select setting ->> 0, setting ->> 1 from jsonb_array_elements(current_setting('weir.settings')::jsonb) as t (setting)
  loop
    execute format('alter role %I set %I = %L', login, name, value);
  end loop;
  if current_setting('weir.group') <> '' then
    execute format('grant %I to %I', current_setting('weir.group'), login);
  end if;
  execute format('comment on role %I is %L', login, current_setting('weir.comment'));
end
$$`;

async function comment<Tables>(admin: Kysely<Tables>, login: Login): Promise<string | null> {
  const { rows } = await sql<{ comment: string | null }>`
    select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = ${login}`.execute(
    admin,
  );
  return rows[0]?.comment ?? null;
}
