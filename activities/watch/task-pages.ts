import type { WatchPage } from './books.ts';
import type { FailingRun, TaskFailure } from './failing-tasks.ts';

const RUNBOOK = 'docs/runbooks/tasks-failing.md';
const MESSAGE_LENGTH = 300;
/** Runs that a page names. */
const NAMED = 10;

/** What on-call is told of runs whose workflow tasks keep failing. */
export function failingPage(
  subject: string,
  failing: readonly FailingRun[],
  failure: TaskFailure,
): WatchPage {
  const [first] = failing;
  const what = sayFailure(failure);
  const many = failing.length === 1 ? (first?.workflowId ?? '') : `${failing.length} runs`;
  return {
    ...about(subject, 'workflow-tasks'),
    occasion: '',
    severity: 'error',
    summary: `${subject}: the workflow task of ${many} keeps failing (${what}); it stays Running and does nothing`,
    details: {
      what_broke: what,
      runs: failing.slice(0, NAMED).map(({ workflowId, attempt }) => `${workflowId}: attempt ${attempt}`),
      ...(failing.length > NAMED ? { and_more_runs: failing.length - NAMED } : {}),
      what_it_means:
        'Nothing of these runs moves, and they hold what they have leased. The code of the workflow, or what it asks of the server, is wrong: each attempt fails again until that is mended.',
      what_to_press: [
        { when: 'a new version of the workers was just deployed', press: 'bring the one before it back' },
        {
          when: 'a mended version is deployed',
          press: 'nothing: the next attempt goes through, and this resolves by itself',
        },
        {
          when: 'it cannot be mended soon',
          press: 'Temporal UI: Terminate the run, with the reason; the next one takes its models over',
        },
      ],
    },
    run: first === undefined ? null : { workflowId: first.workflowId, runId: first.runId },
  };
}

/** … and that none does any more. */
export function goesOnPage(subject: string): WatchPage {
  return {
    ...about(subject, 'workflow-tasks'),
    occasion: 'goes-on',
    severity: 'error',
    summary: `${subject}: no workflow task keeps failing any more`,
    details: { subject },
    run: null,
  };
}

/** What on-call is told of tasks that nobody takes. */
export function unpolledPage(queue: string, waiting: number | null, quietFor: string): WatchPage {
  const tasks = waiting === null ? 'tasks' : `${waiting} ${waiting === 1 ? 'task' : 'tasks'}`;
  return {
    ...about(queue, 'nobody-takes-tasks'),
    occasion: '',
    severity: 'critical',
    summary: `nobody takes the tasks of the queue ${queue} (${tasks} waiting, no worker for ${quietFor}): runs wait there`,
    details: {
      what_broke: `no worker polls ${queue}`,
      ...(waiting === null ? {} : { tasks_waiting: waiting }),
      what_it_means:
        'Runs get as far as what this queue does and wait; nothing fails until their time is up, two hours for most.',
      what_to_press: [
        {
          when: 'at once',
          press: 'start workers that serve it (WEIR_QUEUES)',
          command: 'node infra/bootstrap.mjs workers/main.ts',
        },
        {
          when: 'they run and do not poll',
          press: 'look at their log, and at what is missing',
          command: 'npm run weir -- doctor',
        },
      ],
    },
    run: null,
  };
}

/** … and that somebody does. */
export function polledPage(queue: string): WatchPage {
  return {
    ...about(queue, 'nobody-takes-tasks'),
    occasion: 'polled',
    severity: 'critical',
    summary: `the tasks of the queue ${queue} are taken again`,
    details: { queue },
    run: null,
  };
}

function about(subject: string, anchor: string) {
  return {
    alarm: 'tasksFailing',
    subject,
    owner: null,
    tier: null,
    runbook: `${RUNBOOK}#${anchor}`,
    relation: null,
    because: null,
  } as const;
}

/** What an error of the code quotes may be a value; what the server and the SDK quote are names. */
function sayFailure({ cause, message }: TaskFailure): string {
  if (message === null) return cause;
  const said =
    cause === 'unhandled failure' ? message.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`/g, '"…"') : message;
  return `${cause}: ${said.split('\n')[0]?.slice(0, MESSAGE_LENGTH) ?? ''}`;
}
