import { sql } from 'kysely';
import { poolSizes } from '../../workers/queues.ts';
import { isSource } from '../../models/model.ts';
import { QUEUES } from '../../workflows/queues.ts';
import { broken, ok, skipped, warning, type Check, type Finding, type Surroundings } from './check.ts';

/** A statement locks every partition of a source: 90 days and more of several. */
const LOCKS = 256;

/** Whether the server's settings let Weir's workers do what they do. */
export const postgresSettings: Check = {
  name: 'postgres settings',
  run: async (surroundings) => {
    if (surroundings.database === null) return skipped('Postgres');
    const { rows } = await sql<{ name: string; setting: string }>`
      select name, setting from pg_settings where name = any (${ASKED}::text[])`.execute(
      surroundings.database,
    );
    const by = new Map(rows.map(({ name, setting }) => [name, setting]));
    const found = settingFindings((name) => by.get(name) ?? '', surroundings.repository);
    return found.length > 0 ? found : [ok('room for a worker’s connections and locks; commits are durable')];
  },
};

interface Rule {
  readonly is: (value: string) => boolean;
  readonly level: 'warning' | 'broken';
  readonly why: string;
  readonly mend: string;
}

const off: Rule['is'] = (value) => value === 'off';
const limited: Rule = {
  is: (value) => Number(value) > 0,
  level: 'warning',
  why: 'it ends loads that take longer, whoever they are of',
  mend: 'set it to 0, and for the roles that it is meant for with alter role … set',
};
const unsafe: Rule = {
  is: off,
  level: 'broken',
  why: 'a crash may leave the database unreadable',
  mend: 'set it on',
};

/** Settings that are wrong whatever the installation is like. */
const RULES: Readonly<Record<string, Rule>> = {
  fsync: unsafe,
  full_page_writes: unsafe,
  synchronous_commit: {
    is: off,
    level: 'warning',
    why: 'a crash may take back what a run was told is published',
    mend: 'set it on',
  },
  statement_timeout: limited,
  transaction_timeout: limited,
  idle_in_transaction_session_timeout: limited,
  default_transaction_isolation: {
    is: (value) => value !== 'read committed',
    level: 'warning',
    why: 'loads would fail where they now wait for each other',
    mend: "set it to 'read committed'",
  },
  default_transaction_read_only: {
    is: (value) => value === 'on',
    level: 'broken',
    why: 'nothing can be loaded',
    mend: 'set it off',
  },
  autovacuum: { is: off, level: 'warning', why: 'tables and plans grow bad', mend: 'set it on' },
};

const ROOM = [
  'max_connections',
  'superuser_reserved_connections',
  'reserved_connections',
  'max_locks_per_transaction',
];
const ASKED = [...Object.keys(RULES), ...ROOM];

/** What is said of settings. @param setting the text of each, as `pg_settings` has it. */
export function settingFindings(
  setting: (name: string) => string,
  repository: Surroundings['repository'],
): readonly Finding[] {
  const ruled = Object.entries(RULES)
    .filter(([name, { is }]) => is(setting(name)))
    .map(([name, { level, why, mend }]) => ({ level, found: `${name} is ${setting(name)}: ${why}`, mend }));
  return [...connections(setting), ...locks(setting, repository), ...ruled];
}

/** Other clients than one worker process: shells, readers, migrations. */
const OTHERS = 20;

function connections(setting: (name: string) => string): readonly Finding[] {
  const { loader, publisher, validator } = poolSizes(QUEUES);
  const needed = loader + publisher + validator;
  const most = Number(setting('max_connections'));
  const free =
    most - Number(setting('superuser_reserved_connections')) - Number(setting('reserved_connections') || 0);
  if (free < needed)
    return [
      broken(
        `max_connections is ${most}, and one worker may open ${needed}`,
        `set max_connections = ${needed + OTHERS} or more, and ${needed} more for each worker beside it`,
      ),
    ];
  if (free < needed + OTHERS)
    return [
      warning(
        `max_connections is ${most}: beside one worker’s ${needed} there is little room`,
        `set max_connections = ${needed + OTHERS} or more, and ${needed} more for each worker beside it`,
      ),
    ];
  return [];
}

function locks(
  setting: (name: string) => string,
  repository: Surroundings['repository'],
): readonly Finding[] {
  const partitioned = (repository?.graph.models ?? [])
    .filter(isSource)
    .filter(({ retention }) => retention !== null);
  const has = Number(setting('max_locks_per_transaction'));
  if (partitioned.length === 0 || has >= LOCKS) return [];
  return [
    warning(
      `max_locks_per_transaction is ${has}, and a statement locks every partition of ${partitioned.map(({ name }) => name).join(', ')}`,
      `set max_locks_per_transaction = ${LOCKS} or more, and start the server again`,
    ),
  ];
}
