import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import type { NotifierType } from '../../activities/notifiers/notifier.ts';
import { notifierTypes } from '../../activities/notifiers/notifier-types.ts';
import { patternOf } from '../../activities/notifiers/routes.ts';
import { readRoutingFile } from '../../workers/notify/notify.ts';
import { makeReceiver } from '../../workers/notify/receiver.ts';
import type { NotifyProblem, Routing } from '../../workers/notify/routing.ts';
import { broken, ok, PATIENCE_MS, skipped, warning, type Check, type Finding } from './check.ts';
import { reasonOf } from './ask-postgres.ts';

/** Whether pages can be sent: who is told what, the secrets for it, and the host. No page is sent. */
export const pager: Check = {
  name: 'pager',
  run: async ({ env, repository }) => {
    const types = await notifierTypes();
    const { routing, problems, warnings } = await readRoutingFile(env, types);
    if (routing === null) return problems.map((one) => broken(text(one), one.mend));
    const hasFile = (env['WEIR_NOTIFY_FILE'] ?? '') !== '';
    const key = env['PAGERDUTY_ROUTING_KEY'] ?? '';
    if (!hasFile && key === '') return skipped('PAGERDUTY_ROUTING_KEY is not set in this shell');
    const server = env['WEIR_PAGERDUTY_SERVER'] || 'events.pagerduty.com';
    const pages = routing.receivers.some(({ type }) => type === 'pagerduty');
    return [
      ...(hasFile ? await receiverFindings(routing, types, env) : keyFindings(key)),
      ...warnings.map((one) => warning(text(one), one.mend)),
      ...(hasFile ? unknownNames(routing, repository) : []),
      ...(pages ? [await reach(server, env['WEIR_PAGERDUTY_CA_FILE'] || undefined)] : []),
      ...(hasFile
        ? [ok(`${routing.receivers.length} receivers; \`weir page test\` sends each a harmless page`)]
        : []),
    ];
  },
};

function text({ file, line, problem }: NotifyProblem): string {
  return `${file}:${line}: ${problem}`;
}

/** A secret that this shell does not have may be there where workers start; one that cannot be one is wrong everywhere. */
async function receiverFindings(
  { file, receivers }: Routing,
  types: ReadonlyMap<string, NotifierType>,
  env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> {
  const log = (): void => {};
  const made = await Promise.all(receivers.map((one) => makeReceiver(one, { file, types, env, log })));
  return made.flatMap((one) => {
    if ('send' in one) return [];
    return one.problem.includes(' is missing: ')
      ? [warning(text(one), `Set it where workers start. ${one.mend}`)]
      : [broken(text(one), one.mend)];
  });
}

/** Owners, pipelines and models of routes that no model has: nobody is told because of them. */
function unknownNames(
  { file, routes }: Routing,
  repository: Parameters<Check['run']>[0]['repository'],
): readonly Finding[] {
  if (repository === null) return [];
  const known = {
    owner: repository.models.map(({ owner }) => owner),
    model: repository.models.map(({ name }) => name),
  };
  return routes.flatMap(({ match, line }) =>
    (['owner', 'model'] as const).flatMap((field) =>
      (match[field] ?? [])
        .filter((pattern) => !known[field].some((name) => patternOf(pattern).test(name)))
        .map((pattern) =>
          warning(
            `${file}:${line}: no model has the ${field === 'model' ? 'name' : 'owner'} ${pattern}`,
            'Mend the route, or take it out: it is for nothing that there is.',
          ),
        ),
    ),
  );
}

/** @see https://developer.pagerduty.com/docs/send-alert-event for the routing key: 32 characters. */
export function keyFindings(key: string): readonly Finding[] {
  if (/^[A-Za-z0-9]{32}$/.test(key)) return [];
  return [
    broken(
      `PAGERDUTY_ROUTING_KEY has ${key.length} characters${/^[A-Za-z0-9]*$/.test(key) ? '' : ', not all of them letters and digits'}, and a key has 32`,
      'use the integration key of an Events API v2 integration',
    ),
  ];
}

async function reach(server: string, caFile: string | undefined): Promise<Finding> {
  const [host = server, port = '443'] = server.split(':');
  try {
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
    await handshake({ host, port: Number(port), servername: host, ...ca });
    return ok(`${server} answers; no page was sent`);
  } catch (error) {
    return broken(
      `${server} cannot be reached: ${reasonOf(error)}`,
      'let this machine out to it by HTTPS; of a stand-in, WEIR_PAGERDUTY_SERVER and WEIR_PAGERDUTY_CA_FILE',
    );
  }
}

function handshake(options: tls.ConnectionOptions): Promise<void> {
  const socket = tls.connect(options);
  return new Promise<void>((resolve, reject) => {
    socket.setTimeout(PATIENCE_MS, () => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  }).finally(() => socket.destroy());
}
