import { randomUUID } from 'node:crypto';
import { defineCommand } from 'citty';
import type { Delivery, Notifier, PageEvent } from '../../activities/notifiers/notifier.ts';
import { notifierTypes } from '../../activities/notifiers/notifier-types.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import { readRoutingFile } from '../../workers/notify/notify.ts';
import { makeReceiver } from '../../workers/notify/receiver.ts';
import { problemText, type ReceiverText } from '../../workers/notify/routing.ts';
import { answer } from '../answer.ts';
import { takeDemoSettings } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { withProgress } from '../progress.ts';

/** How a receiver answered. */
interface Tested {
  readonly receiver: string;
  readonly type: string;
  readonly taken: boolean;
  /** Of each event the HTTP status (null: no answer) and, where it was not taken, why. */
  readonly answers: readonly {
    readonly action: PageEvent['action'];
    readonly status: number | null;
    readonly taken: boolean;
    readonly reason: string | null;
    readonly ms: number;
  }[];
  /** Why it could not be asked; null where it was. */
  readonly problem: string | null;
}

/**
 * `weir page test`: sends a harmless page and its resolve straight to those who can be told, and prints what they answer.
 * @example npm run weir -- page test --to on-call
 */
export default defineCommand({
  meta: {
    name: 'test',
    description:
      'Send a harmless page (severity info, a key of its own) and its resolve to each receiver, straight from this shell, and print the answers. Example: weir page test --to pagerduty Exit codes: 0 all took it, 3 one did not, or could not be asked.',
  },
  args: {
    to: { type: 'string', description: 'only this receiver, by its name in the routing file' },
    json: { type: 'boolean', description: 'print the answers as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    takeDemoSettings();
    const tested = await withProgress('sending', () => testReceivers(process.env, args.to));
    answer(args.json, tested, () => `${tested.map(testedText).join('\n')}\n`);
    return tested.every(({ taken }) => taken) ? exitCodes.done : exitCodes.couldNotRun;
  }),
});

async function testReceivers(env: NodeJS.ProcessEnv, to: string | undefined): Promise<readonly Tested[]> {
  const types = await notifierTypes();
  const { routing, problems } = await readRoutingFile(env, types);
  if (routing === null) throw new Failure(problems.map(problemText).join('\n'));
  const log = (message: string): void => void process.stderr.write(`${message}\n`);
  const making = { file: routing.file, types, env, log };
  return await Promise.all(
    chosen(routing.receivers, to).map(async (receiver) => {
      const made = await makeReceiver(receiver, making);
      return 'send' in made
        ? await testReceiver(receiver, made, env['WEIR_ENVIRONMENT'] || 'development')
        : { ...named(receiver), taken: false, answers: [], problem: problemText(made) };
    }),
  );
}

/** @throws Failure (3) where there is none of that name. */
function chosen(receivers: readonly ReceiverText[], to: string | undefined): readonly ReceiverText[] {
  const found = to === undefined ? receivers : receivers.filter(({ name }) => name === to);
  if (found.length > 0) return found;
  const names = receivers.map(({ name }) => name);
  throw new Failure(
    `there is no receiver ${to}. ${didYouMean(to ?? '', names) || `There are ${names.join(', ')}.`}`,
  );
}

function named({ name, type }: ReceiverText) {
  return { receiver: name, type };
}

async function testReceiver(
  receiver: ReceiverText,
  notifier: Notifier,
  environment: string,
): Promise<Tested> {
  const id = randomUUID();
  const answers = [];
  // The resolve also where the trigger was not taken: its answer may be what was lost.
  for (const action of ['trigger', 'resolve'] as const) {
    const began = performance.now();
    const delivery = await notifier.send(testEvent(environment, id, action), {
      signal: new AbortController().signal,
    });
    answers.push({ action, ...outcome(delivery), ms: Math.round(performance.now() - began) });
  }
  return { ...named(receiver), taken: answers.every(({ taken }) => taken), answers, problem: null };
}

function outcome(delivery: Delivery) {
  return {
    status: delivery.status,
    taken: delivery.delivered,
    reason: delivery.delivered ? null : delivery.reason,
  };
}

function testEvent(environment: string, id: string, action: 'trigger' | 'resolve'): PageEvent {
  return {
    eventId: `page-test/${id}/${action}`,
    action,
    dedupKey: `weir/${environment}/page-test/${id.slice(0, 8)}`,
    summary: `Test page of Weir (${environment}): nothing is wrong, and it closes by itself`,
    source: `weir/${environment}`,
    severity: 'info',
    timestamp: new Date().toISOString(),
    component: null,
    group: null,
    class: 'page test',
    owner: null,
    tier: null,
    details: { what_to_press: 'nothing', sent_by: 'weir page test' },
    links: [],
    clientUrl: null,
  };
}

function testedText({ receiver, type, taken, answers, problem }: Tested): string {
  const name = `${receiver} (${type})`;
  if (problem !== null) return `${name}: NOT ASKED: ${problem}`;
  const said = answers.map(
    (one) => `${one.action} ${one.status ?? 'no answer'}${one.reason === null ? '' : `: ${one.reason}`}`,
  );
  return `${name}: ${taken ? '' : 'NOT TAKEN: '}${said.join(', ')}`;
}
