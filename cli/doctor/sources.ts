import { isSource } from '../../models/model.ts';
import type { SourceModel } from '../../models/model.ts';
import { askPostgres, reasonOf } from './ask-postgres.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { broken, ok, skipped, warning, type Check, type Finding, type Surroundings } from './check.ts';

/** Whether the databases that sources are read from answer, and let the relation be read and nothing be written. */
export const sources: Check = {
  name: 'sources',
  run: async ({ repository, env, database, databaseUrl }) => {
    const read = (repository?.graph.models ?? [])
      .filter(isSource)
      .filter(({ settings }) => 'relation' in settings);
    if (repository === null) return skipped('models');
    if (read.length === 0) return [ok('none is read from a database')];
    const found = (
      await Promise.all(read.map((source) => lookAt(source, env, database === null ? null : databaseUrl)))
    ).flat();
    return found.length > 0 ? found : [ok(`${read.map(({ name }) => name).join(', ')} can be read`)];
  },
};

async function lookAt(
  source: SourceModel,
  env: NodeJS.ProcessEnv,
  databaseUrl: Surroundings['databaseUrl'],
): Promise<readonly Finding[]> {
  const { connection } = source.settings;
  const relation = String(source.settings['relation']);
  if (typeof connection !== 'string')
    return databaseUrl === null
      ? []
      : await readable(source.name, relation, loginUrl(databaseUrl, 'weir_loader'), 'weir_loader');
  const setting = `WEIR_SOURCE_${connection.toUpperCase()}_URL`;
  const url = env[setting] ?? '';
  if (url !== '') return await readable(source.name, relation, url, setting);
  return [
    warning(
      `${source.name} reads by ${setting}, which is not set in this shell`,
      'set it where workers start, to the URL of a login that may only read',
    ),
  ];
}

interface Rights {
  readonly there: boolean;
  readonly may: boolean | null;
  readonly writes: boolean | null;
}

const QUESTION = `select to_regclass($1) is not null as there, has_table_privilege(to_regclass($1), 'select') as may,
  has_table_privilege(to_regclass($1), 'insert, update, delete') as writes`;

/** @param who the setting or login that reads. */
async function readable(
  name: string,
  relation: string,
  url: string,
  who: string,
): Promise<readonly Finding[]> {
  try {
    return judge(await askPostgres<Rights>(url, QUESTION, [relation]), name, relation, who);
  } catch (error) {
    const mend = 'start that database, mend the URL, or let that login in';
    return [broken(`${name} cannot be read by ${who}: ${reasonOf(error)}`, mend)];
  }
}

function judge(
  { there, may, writes }: Rights,
  name: string,
  relation: string,
  who: string,
): readonly Finding[] {
  const mend = 'mend settings.relation of its header, or the URL';
  if (!there) return [broken(`${name}: there is no ${relation} where ${who} leads`, mend)];
  if (may !== true)
    return [
      broken(
        `${name}: ${who} may not read ${relation}`,
        `grant select on ${relation}, and usage on its schema`,
      ),
    ];
  if (writes !== true) return [];
  return [
    warning(
      `${name}: ${who} may write ${relation}, and a source is only read`,
      `give it a login with select on ${relation} and nothing else`,
    ),
  ];
}
