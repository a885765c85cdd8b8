import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LookPace } from '../activities/look.ts';
import type { PagerDutySettings } from '../activities/notifiers/pagerduty.ts';

/** What the `weir` command needs to know of its surroundings. Temporal's own settings are read apart. */
export interface ShellSettings {
  /** The database's administrator; the logins' URLs are derived from it. */
  readonly databaseUrl: string;
  readonly modelsFolder: string;
  readonly suitesFolder: string;
  readonly taskQueue: string;
  /** Where people open the Temporal UI; links in pages start with it. */
  readonly temporalUiUrl: string;
}

/** What a worker needs to know: who lands files and pages has to know where from, and whom. */
export interface Settings extends ShellSettings {
  readonly landingFolder: string;
  /** Names incidents and runs of this installation: `production`, `demo`. */
  readonly environment: string;
  /**
   * Where pages go without a routing file (workers/notify); its key is empty where there is one. Another server than
   * PagerDuty's own only for a stand-in.
   */
  readonly pagerDuty: PagerDutySettings;
  /** The repository's files on the web, to which a path is added; none: pages name runbooks and link to none. */
  readonly repositoryUrl?: string;
  /** Where the catalogue is served, without a slash at its end; none: pages link to no gate run of it. */
  readonly catalogueUrl?: string;
  /** URLs of sources' own databases by the name of their connection; none when left out. */
  readonly sourceUrls?: Readonly<Record<string, string>>;
  /** Called after each round of the monitor that went well; a secret, since whoever has it can say that all is well. */
  readonly heartbeatUrl?: string;
  /** How often a held gate is looked at; the usual where left out. */
  readonly look?: LookPace;
}

const PROJECT = path.resolve(import.meta.dirname, '..');

/**
 * Reads the settings from environment variables. Only workers, cli, infra and tests may: everything else is handed
 * what it needs.
 *
 * @throws Error naming the variable that is missing and what it is for.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const server = env['WEIR_PAGERDUTY_SERVER'];
  const caFile = env['WEIR_PAGERDUTY_CA_FILE'];
  return {
    ...readShellSettings(env),
    landingFolder: path.resolve(
      required(env, 'WEIR_LANDING_FOLDER', 'the folder that sources deliver files to'),
    ),
    environment: env['WEIR_ENVIRONMENT'] ?? 'development',
    pagerDuty: {
      routingKey: readRoutingKey(env),
      ...(server === undefined ? {} : { server }),
      ...(caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }),
    },
    sourceUrls: readSourceUrls(env),
    ...readRepositoryUrl(env['WEIR_REPOSITORY_URL']),
    ...readCatalogueUrl(env['WEIR_CATALOGUE_URL']),
    ...readHeartbeatUrl(env['WEIR_HEARTBEAT_URL']),
    ...readLookPace(env['WEIR_LOOK_SECONDS']),
  };
}

/**
 * Where links out of the catalogue lead. Without TEMPORAL_UI_URL nothing links to the Temporal UI: a site is read on
 * other machines than the one that made it.
 */
export function readCatalogueLinks(env: NodeJS.ProcessEnv): {
  readonly temporalUi: string | null;
  readonly repositoryUrl: string | null;
} {
  const temporalUi = env['TEMPORAL_UI_URL'] ?? '';
  return {
    temporalUi: /^https?:\/\/./.test(temporalUi) ? temporalUi.replace(/\/$/, '') : null,
    repositoryUrl: readRepositoryUrl(env['WEIR_REPOSITORY_URL']).repositoryUrl ?? null,
  };
}

function readRepositoryUrl(url: string | undefined): Pick<Settings, 'repositoryUrl'> {
  if (url === undefined || url === '') return {};
  if (!/^https?:\/\/./.test(url))
    throw new Error(
      'WEIR_REPOSITORY_URL is no address of the web: links in pages would lead nowhere. Write for example https://github.com/YOU/weir/blob/main.',
    );
  return { repositoryUrl: url.replace(/\/$/, '') };
}

/** Where people open the catalogue, as they are linked to it; without a slash at its end. */
export function readCatalogueUrl(url: string | undefined): Pick<Settings, 'catalogueUrl'> {
  if (url === undefined || url === '') return {};
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url))
    throw new Error(
      'WEIR_CATALOGUE_URL is no address of the web: links in pages would lead nowhere. Write where `weir docs` is served, for example https://weir.example.com/catalogue.',
    );
  return { catalogueUrl: url.replace(/\/$/, '') };
}

/** @throws Error that does not show the address. */
function readHeartbeatUrl(url: string | undefined): Pick<Settings, 'heartbeatUrl'> {
  if (url === undefined || url === '') return {};
  if (!/^https?:\/\/./.test(url) || !URL.canParse(url))
    throw new Error(
      'WEIR_HEARTBEAT_URL is no address of the web: nobody would hear that the monitor goes on. Write for example https://hc-ping.com/ and the id of the check.',
    );
  return { heartbeatUrl: url };
}

/** Needed where no routing file names who is paged. */
function readRoutingKey(env: NodeJS.ProcessEnv): string {
  if ((env['WEIR_NOTIFY_FILE'] ?? '') !== '') return env['PAGERDUTY_ROUTING_KEY'] ?? '';
  return required(
    env,
    'PAGERDUTY_ROUTING_KEY',
    'the integration key of the service to page, or WEIR_NOTIFY_FILE says who is told',
  );
}

/** Seconds until a held gate is looked at for the first time; a hold that lasts is looked at a quarter as often. */
function readLookPace(seconds: string | undefined): Pick<Settings, 'look'> {
  if (seconds === undefined || seconds === '') return {};
  const first = Number(seconds);
  if (!(first > 0))
    throw new Error('WEIR_LOOK_SECONDS is not a number of seconds above 0. Write for example 15.');
  return { look: { firstMs: first * 1000, mostMs: first * 4000 } };
}

/**
 * The settings of a shell: whoever looks at what is held has no landing folder and no key that pages.
 *
 * @throws Error naming the variable that is missing and what it is for.
 */
export function readShellSettings(env: NodeJS.ProcessEnv): ShellSettings {
  return {
    databaseUrl: required(
      env,
      'DATABASE_URL',
      'the Postgres 18 database that Weir loads, as its administrator',
    ),
    ...readFolders(env),
    taskQueue: env['WEIR_TASK_QUEUE'] ?? 'weir',
    temporalUiUrl: (env['TEMPORAL_UI_URL'] ?? 'http://localhost:8233').replace(/\/$/, ''),
  };
}

/**
 * Connections that sources name: `WEIR_SOURCE_CRM_URL` is that of `settings.connection: crm`.
 *
 * @throws Error naming a variable that is no URL of a Postgres; its value stays out of it.
 */
export function readSourceUrls(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, url]) => {
      const connection = /^WEIR_SOURCE_([A-Z0-9_]+)_URL$/.exec(name)?.[1];
      if (connection === undefined || url === undefined || url === '') return [];
      if (!isPostgresUrl(url))
        throw new Error(
          `${name} is not the URL of a Postgres: write it as postgres://user:password@host:port/database.`,
        );
      return [[connection.toLowerCase(), url] as const];
    }),
  );
}

/** Whether it can be one: of Postgres, and with every `%` of a password written as `%25`. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:\/\/[^\s]+$/.test(url) && URL.canParse(url) && !/%(?![0-9a-f]{2})/i.test(url);
}

/** Where models and suites are: this repository's own unless the environment says otherwise. */
export function readFolders(env: NodeJS.ProcessEnv): Pick<Settings, 'modelsFolder' | 'suitesFolder'> {
  return {
    modelsFolder: path.resolve(env['WEIR_MODELS_FOLDER'] ?? path.join(PROJECT, 'models')),
    suitesFolder: path.resolve(env['WEIR_SUITES_FOLDER'] ?? path.join(PROJECT, 'expectations', 'suites')),
  };
}

function required(env: NodeJS.ProcessEnv, name: string, what: string): string {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set. It is ${what}. \`npm run demo\` sets it for its own stack.`);
  }
  return value;
}
