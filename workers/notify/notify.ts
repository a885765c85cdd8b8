import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Notifier, NotifierType, ReceiverSetting } from '../../activities/notifiers/notifier.ts';
import { notifierTypes } from '../../activities/notifiers/notifier-types.ts';
import type { Route } from '../../activities/notifiers/routes.ts';
import { readRouting, type ReadRouting } from './read-routing.ts';
import { makeReceiver } from './receiver.ts';
import { problemText, type NotifyProblem, type ReceiverText } from './routing.ts';

/** Who can be told, and who is told what. */
export interface Notify {
  readonly notifiers: readonly Notifier[];
  readonly routes: readonly Route[];
  /** What is likely a mistake in the routing file, in sentences. */
  readonly warnings: readonly string[];
}

/** The one receiver that there is without a routing file. */
const WITHOUT_FILE: ReceiverText = {
  name: 'pagerduty',
  type: 'pagerduty',
  secrets: { key: { env: 'PAGERDUTY_ROUTING_KEY' } },
  line: 1,
};

/**
 * Reads who is told what: the file that WEIR_NOTIFY_FILE names, or everything to PagerDuty by PAGERDUTY_ROUTING_KEY where
 * it names none.
 *
 * @param log writes a line of the log of whoever sends.
 * @throws Error with every problem of the file and every secret that cannot be had, a line each; no secret is shown.
 */
export async function readNotify(env: NodeJS.ProcessEnv, log: ReceiverSetting['log']): Promise<Notify> {
  const types = await notifierTypes();
  const { routing, problems, warnings } = await readRoutingFile(env, types);
  if (routing === null) throw refusal(problems);
  const { file, receivers, routes } = routing;
  const made = await Promise.all(receivers.map((one) => makeReceiver(one, { file, types, env, log })));
  const unmade = made.filter((one) => 'problem' in one);
  if (unmade.length > 0) throw refusal(unmade);
  return { notifiers: made.filter((one) => 'send' in one), routes, warnings: warnings.map(problemText) };
}

function refusal(problems: readonly NotifyProblem[]): Error {
  return new Error(`Nobody would be told:\n${problems.map(problemText).join('\n')}`);
}

/** The routing file of an environment, checked; without one, what stands for it. */
export async function readRoutingFile(
  env: NodeJS.ProcessEnv,
  types: ReadonlyMap<string, NotifierType>,
): Promise<ReadRouting> {
  const file = env['WEIR_NOTIFY_FILE'];
  if (file === undefined || file === '') {
    const routes = [{ match: {}, to: [WITHOUT_FILE.name], goesOn: false, line: 1 }];
    const routing = { file: 'no WEIR_NOTIFY_FILE', receivers: [WITHOUT_FILE], routes };
    return { routing, problems: [], warnings: [] };
  }
  try {
    return readRouting(file, await readFile(path.resolve(file), 'utf8'), types);
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
    const problem = `WEIR_NOTIFY_FILE names a file that cannot be read (${String(code)})`;
    const mend = 'Give the path of a routing file, like infra/notify.example.yaml.';
    return { routing: null, problems: [{ file, line: 1, problem, mend }], warnings: [] };
  }
}
