import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { PageEvent } from '../activities/notifiers/notifier.ts';
import type { IncidentInput } from '../activities/page.ts';
import type { FailedAttempt } from '../activities/send/tell-attempt.ts';
import { row, show } from './incident/details.ts';
import { giveUp, reasonOf, tell, type Incident } from './incident/lanes.ts';
import { begin, carry, failedSoFar, isIdle, type State } from './incident/state.ts';
import { stationsOf } from './incident/stations.ts';

/** Hands the incident an event to send. `page` starts the workflow with it where there is none. */
const pageEventSignal = defineSignal<[PageEvent]>('pageEvent');
/** Tells the incident of an attempt to send that failed and is made again: activities/send.ts. */
const attemptFailedSignal = defineSignal<[FailedAttempt]>('attemptFailed');

/** How an incident ended. */
export interface IncidentResult {
  readonly dedupKey: string;
  /** Deliveries that were taken: one a receiver and event. */
  readonly sent: number;
}

/**
 * One incident, reached by signal-with-start under its dedup key: sends its events to whom they are for, to each
 * receiver one after the other in the order they came, each retried for a day, so that a trigger which was delayed an
 * hour never lands after its resolve. Who was told of a trigger is told of its updates and its resolve. An event id that
 * came before is not sent again. Ends when the incident is resolved and everything is sent.
 *
 * What bounds its history: it continues as new when Temporal suggests it, while nothing is being sent.
 *
 * @throws ApplicationFailure `InvalidInput` for whoever starts it with nothing; `PageUndelivered` when an event was
 *   refused for good or not taken for a day by somebody: what waits is still sent, to the others too, then the workflow
 *   fails, so that nobody takes silence for delivery.
 */
export async function incident(given?: IncidentInput): Promise<IncidentResult> {
  const input = startedByWeir(given);
  const { dedupKey } = input;
  const state = begin(input.carried);
  const atWork: Incident = { dedupKey, state, stations: stationsOf(input) };
  listen(dedupKey, state);
  show(dedupKey, state);
  for (;;) {
    await condition(() => state.queue.length > 0 || isOver(state));
    if (state.broken !== null) throw state.broken;
    const event = state.queue[0];
    if (event) await take(atWork, event);
    else if (state.undelivered.length > 0) throw undelivered(dedupKey, state);
    else if (!state.open) return { dedupKey, sent: state.sent };
    else await continueAsNew<typeof incident>({ ...input, carried: carry(state) });
  }
}

function listen(dedupKey: string, state: State): void {
  setHandler(
    pageEventSignal,
    (event) => {
      if (state.seen.has(event.eventId)) return;
      state.seen.add(event.eventId);
      state.queue.push(event);
    },
    { description: 'An event to send to on-call. Sent in order, once an eventId.' },
  );
  setHandler(
    attemptFailedSignal,
    (attempt) => {
      const lane = state.lanes.get(attempt.receiver);
      if (lane?.sending?.eventId !== attempt.eventId) return;
      lane.attempt = attempt;
      show(dedupKey, state);
    },
    { description: 'An attempt to send failed and is made again. Sent by Weir itself.' },
  );
}

/** Whether this run has nothing more to do, or has become too long to wait for more. */
function isOver(state: State): boolean {
  if (state.broken !== null) return true;
  if (!state.began || !isIdle(state) || !allHandlersFinished()) return false;
  return state.undelivered.length > 0 || !state.open || workflowInfo().continueAsNewSuggested;
}

async function take(atWork: Incident, event: PageEvent): Promise<void> {
  const { dedupKey, state } = atWork;
  state.began = true;
  state.failedSoFar = failedSoFar(event) ?? state.failedSoFar;
  show(dedupKey, state);
  if (patched('receivers')) await tell(atWork, event);
  else await tellAll(atWork, event);
  if (event.action !== 'change') state.open = event.action !== 'resolve';
  state.queue.shift();
  show(dedupKey, state);
}

/** As incidents did that were under way before each receiver had a line of its own. */
async function tellAll({ state, stations }: Incident, event: PageEvent): Promise<void> {
  try {
    const { status } = await stations.send(event);
    state.sent += 1;
    state.lines.push(row(event, 'all', `${status}, ${new Date().toISOString()}`));
  } catch (failure) {
    giveUp(state, event, 'all', reasonOf(failure));
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

function undelivered(dedupKey: string, { undelivered: reasons }: State): ApplicationFailure {
  return ApplicationFailure.nonRetryable(
    `On-call was not told about ${dedupKey}: ${reasons.join('; ')}`,
    'PageUndelivered',
    reasons,
  );
}
