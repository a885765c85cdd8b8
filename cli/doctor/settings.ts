import { notifierTypes } from '../../activities/notifiers/notifier-types.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import { readRoutingFile } from '../../workers/notify/notify.ts';
import { isPostgresUrl } from '../../workers/settings.ts';
import { broken, ok, warning, type Check, type Finding } from './check.ts';

/** Every setting that Weir reads, and what it is. Sources have one each beside them: `WEIR_SOURCE_<NAME>_URL`. */
export const settingsRead = {
  DATABASE_URL: 'the Postgres that Weir loads, as its administrator',
  WEIR_LANDING_FOLDER: 'the folder that sources deliver files to; a worker needs it',
  PAGERDUTY_ROUTING_KEY: 'whom to page; a worker needs it where no file says who is told',
  WEIR_NOTIFY_FILE: 'the file that says who is told what',
  WEIR_ENVIRONMENT: 'the name of this installation, in incidents',
  WEIR_TASK_QUEUE: 'the task queue of this installation',
  WEIR_QUEUES: 'which queues a worker serves',
  WEIR_LOAD_SLOTS: 'loads at once in a worker',
  WEIR_GATE_SLOTS: 'gates at once in a worker',
  WEIR_PAGE_SLOTS: 'pages at once in a worker',
  WEIR_LOOK_SECONDS: 'how often what holds a gate is looked at again',
  WEIR_SHUTDOWN_GRACE: 'how long a worker may take to end',
  WEIR_HEALTH_PORT: 'where a worker says how it is',
  WEIR_MONITOR: 'off, where a worker is not to see to it that the monitor runs',
  WEIR_HEARTBEAT_URL: 'whom the monitor tells every minute that it goes on',
  WEIR_METRICS_PORT: 'where a worker tells Prometheus what it counts',
  WEIR_MODELS_FOLDER: 'where models are',
  WEIR_SUITES_FOLDER: 'where suites are',
  WEIR_PAGERDUTY_SERVER: 'a stand-in for PagerDuty',
  WEIR_PAGERDUTY_CA_FILE: 'the certificate of a stand-in',
  WEIR_LOG_LEVEL: 'how much a worker logs',
  WEIR_LOG_FORMAT: 'how a worker logs',
  WEIR_LOG_FILE: 'where a worker logs',
  WEIR_FOLLOW_PARENT: 'that a worker ends with its starter',
  TEMPORAL_UI_URL: 'where people open the Temporal UI',
  WEIR_PAYLOAD_KEYS: 'the keys that payloads are encrypted with, the first one for what is new',
  WEIR_PAYLOAD_KEYS_FILE: 'the file with those keys, one a line',
  WEIR_PAYLOAD_FAILURES: 'plain, where messages of failures are not to be encrypted with the rest',
  WEIR_CODEC_TOKEN: 'what a browser has to show the codec server',
  WEIR_REPOSITORY_URL: 'where runbooks and suites are on the web, for links in pages',
  WEIR_CATALOGUE_URL: 'where the catalogue is served, for links in pages',
} as const;

/** Settings that a worker alone needs: a shell without them is no mistake. */
const OF_WORKERS = ['WEIR_LANDING_FOLDER', 'PAGERDUTY_ROUTING_KEY'] as const;

/** Whether the settings of this shell are there and well formed, and whether one is misspelt. */
export const settings: Check = {
  name: 'settings',
  run: async ({ env }) => {
    const found = [
      databaseUrl(env['DATABASE_URL']),
      ...missing(env),
      ...misspelt(env, await namedByRoutes(env)),
      ...sourceUrls(env),
      ...uiUrl(env),
    ];
    return found.some(({ level }) => level !== 'ok')
      ? found
      : [ok('DATABASE_URL and all others are well formed')];
  },
};

function databaseUrl(url: string | undefined): Finding {
  const mend =
    'set it to the administrator’s URL, postgres://user:password@host:port/database, a % of the password as %25; or start `npm run demo`';
  if (url === undefined || url === '') return broken('DATABASE_URL is not set and no demo is running', mend);
  if (!isPostgresUrl(url)) return broken('DATABASE_URL is not the URL of a Postgres', mend);
  if (new URL(url).password === '')
    return broken('DATABASE_URL has no password, from which those of Weir’s logins are derived', mend);
  return ok('DATABASE_URL is well formed');
}

function missing(env: NodeJS.ProcessEnv): readonly Finding[] {
  const hasFile = (env['WEIR_NOTIFY_FILE'] ?? '') !== '';
  return OF_WORKERS.filter(
    (name) => (env[name] ?? '') === '' && !(hasFile && name === 'PAGERDUTY_ROUTING_KEY'),
  ).map((name) =>
    warning(`${name} is not set in this shell: ${settingsRead[name]}`, `set it where workers start`),
  );
}

/** Variables that the routing file names for its secrets, whatever they are called. */
async function namedByRoutes(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const { routing } = await readRoutingFile(env, await notifierTypes());
  const secrets = (routing?.receivers ?? []).flatMap((receiver) => Object.values(receiver.secrets));
  return secrets.flatMap((where) => ('env' in where ? [where.env] : []));
}

function misspelt(env: NodeJS.ProcessEnv, named: readonly string[]): readonly Finding[] {
  const known = [...Object.keys(settingsRead), ...named];
  return Object.keys(env)
    .filter(
      (name) => /^(WEIR_(?!TEST_)|PAGERDUTY_)/.test(name) && !known.includes(name) && !isSourceUrl(name),
    )
    .map((name) =>
      warning(
        `${name} is no setting of Weir’s`,
        didYouMean(name, known) || 'take it out, so that nobody believes it does something',
      ),
    );
}

function sourceUrls(env: NodeJS.ProcessEnv): readonly Finding[] {
  return Object.entries(env).flatMap(([name, url = '']) =>
    isSourceUrl(name) && url !== '' && !isPostgresUrl(url)
      ? [
          broken(
            `${name} is not the URL of a Postgres`,
            'write it as postgres://user:password@host:port/database, a % of the password as %25',
          ),
        ]
      : [],
  );
}

function isSourceUrl(name: string): boolean {
  return /^WEIR_SOURCE_[A-Z0-9_]+_URL$/.test(name);
}

function uiUrl(env: NodeJS.ProcessEnv): readonly Finding[] {
  const url = env['TEMPORAL_UI_URL'];
  if (url === undefined || /^https?:\/\//.test(url)) return [];
  return [
    broken(
      'TEMPORAL_UI_URL is no address of a page: links in pages would lead nowhere',
      'write it as http://host:port',
    ),
  ];
}
