import {
  ActivityFailure,
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { PageEvent } from '../activities/notifiers/notifier.ts';
import type { IncidentCarried, IncidentInput } from '../activities/page.ts';
import type { createSend, SendResult } from '../activities/send.ts';
import { isError } from './is-error.ts';

/** Hands the incident an event to send. `page` starts the workflow with it where there is none. */
const pageEventSignal = defineSignal<[PageEvent]>('pageEvent');

const DAY_MS = 24 * 60 * 60_000;
const FIRST_RETRY_MS = 5_000;
/** Event ids and lines that are remembered: far more than one incident of a year's hours has open at once. */
const REMEMBERED = 500;
/** Temporal cuts summaries at 400 bytes. */
const SUMMARY_BYTES = 360;

/** How an incident ended. */
export interface IncidentResult {
  readonly dedupKey: string;
  readonly sent: number;
}

interface State {
  readonly queue: PageEvent[];
  readonly seen: Set<string>;
  readonly lines: string[];
  readonly undelivered: string[];
  sent: number;
  open: boolean;
}

/**
 * One incident, reached by signal-with-start under its dedup key: sends its events one after the other in the order
 * they came, each retried for a day, so that a trigger which was delayed an hour never lands after its resolve. An
 * event id that came before is not sent again. Ends when the incident is resolved and everything is sent.
 *
 * What bounds its history: it continues as new when Temporal suggests it, between two events.
 *
 * @throws ApplicationFailure `InvalidInput` for whoever starts it with nothing; `PageUndelivered` when an event was refused for good or not taken for a day: what is
 *   queued behind it is still sent, then the workflow fails, so that nobody takes silence for delivery.
 */
export async function incident(given?: IncidentInput): Promise<IncidentResult> {
  const input = startedByWeir(given);
  const state = begin(input.carried);
  setHandler(
    pageEventSignal,
    (event) => {
      if (state.seen.has(event.eventId)) return;
      state.seen.add(event.eventId);
      state.queue.push(event);
    },
    { description: 'An event to send to on-call. Sent in order, once an eventId.' },
  );
  const send = sender(input);
  show(input, state);
  for (;;) {
    await condition(() => state.queue.length > 0);
    await sendNext(input, state, send);
    if (state.queue.length > 0 || !allHandlersFinished()) continue;
    if (state.undelivered.length > 0) throw undelivered(input, state);
    if (!state.open) return { dedupKey: input.dedupKey, sent: state.sent };
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof incident>({ ...input, carried: carry(state) });
    }
  }
}

/** Who presses Start in the Temporal UI has no event to send, and is told so. */
function startedByWeir(input: IncidentInput | null | undefined): IncidentInput {
  if (typeof input?.dedupKey === 'string' && typeof input.pageTaskQueue === 'string') return input;
  throw ApplicationFailure.nonRetryable(
    'The input of the incident cannot be used: it has no dedupKey and pageTaskQueue; Weir starts this workflow itself when a' +
      ' gate holds or a run fails (activity page), so start hourlyIncrementalLoad or dailyDimensionRefresh instead.',
    'InvalidInput',
  );
}

function begin(carried: IncidentCarried | undefined): State {
  return {
    queue: [],
    seen: new Set(carried?.seen),
    lines: [...(carried?.lines ?? [])],
    undelivered: [],
    sent: 0,
    open: carried?.open ?? false,
  };
}

function carry({ seen, lines, open }: State): IncidentCarried {
  return { seen: [...seen].slice(-REMEMBERED), lines: lines.slice(-REMEMBERED), open };
}

type Send = (event: PageEvent) => Promise<SendResult>;

function sender({ pageTaskQueue, retryForMs = DAY_MS, firstRetryMs = FIRST_RETRY_MS }: IncidentInput): Send {
  const { send } = proxyActivities<ReturnType<typeof createSend>>({
    taskQueue: pageTaskQueue,
    // Longer than the notifier's own time-out, so that two attempts never post at once.
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: retryForMs,
    retry: { initialInterval: firstRetryMs, maximumInterval: Math.max(firstRetryMs, 10 * 60_000) },
  });
  return (event) =>
    send.executeWithOptions({ summary: short(`${event.action}: ${event.summary}`) }, [{ event }]);
}

async function sendNext(input: IncidentInput, state: State, send: Send): Promise<void> {
  const event = state.queue[0];
  if (!event) return;
  show(input, state);
  const line = (answer: string) =>
    `| ${event.timestamp} | ${event.action} | ${cell(event.summary)} | ${cell(answer)} |`;
  try {
    const { status } = await send(event);
    state.sent += 1;
    state.lines.push(line(`${status}, ${new Date().toISOString()}`));
  } catch (failure) {
    // A cancelled workflow is no page that failed.
    if (!(failure instanceof ActivityFailure) || isCancellation(failure)) throw failure;
    const reason = reasonOf(failure);
    state.lines.push(line(`**NOT DELIVERED**: ${reason}`));
    state.undelivered.push(`${event.action} "${short(event.summary)}": ${reason}`);
  }
  state.open = event.action === 'trigger';
  state.queue.shift();
  show(input, state);
}

/** The service's last word, or that the time to retry is up (Temporal does not say how the last attempt ended). */
function reasonOf({ cause }: ActivityFailure): string {
  if (cause instanceof TimeoutFailure)
    return 'not taken by any attempt in its time; the answers stand with the activity';
  return isError(cause) ? cause.message : 'the activity failed';
}

function undelivered({ dedupKey }: IncidentInput, { undelivered: reasons }: State): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `On-call was not told about ${dedupKey}: ${reasons.join('; ')}`,
    'PageUndelivered',
    reasons,
  );
}

/** What was sent and what was answered, for the Temporal UI. */
function show({ dedupKey }: IncidentInput, { queue, lines, open, undelivered: reasons }: State): void {
  const [next, ...waiting] = queue;
  const heading = reasons.length > 0 ? 'NOT DELIVERED' : next ? 'SENDING' : open ? 'OPEN' : 'RESOLVED';
  const rows = [
    ...lines.slice(-50),
    ...(next ? [`| ${next.timestamp} | ${next.action} | ${cell(next.summary)} | being sent |`] : []),
    ...waiting.map((event) => `| ${event.timestamp} | ${event.action} | ${cell(event.summary)} | waits |`),
  ];
  setCurrentDetails(
    [
      `**${heading}** · ${dedupKey}`,
      '',
      '| found | event | what it says | answer |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n'),
  );
}

/** Text as a cell of a Markdown table. */
function cell(text: string): string {
  return short(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function short(text: string): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= SUMMARY_BYTES) return text;
  let kept = text.slice(0, SUMMARY_BYTES);
  while (encoder.encode(kept).length > SUMMARY_BYTES - 3) kept = kept.slice(0, -1);
  return `${kept}…`;
}
