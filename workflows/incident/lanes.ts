import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { PageEvent } from '../../activities/notifiers/notifier.ts';
import { isError } from '../is-error.ts';
import { row, show } from './details.ts';
import { laneOf, type Lane, type State } from './state.ts';
import type { Stations } from './stations.ts';
import { short } from './text.ts';

/** An incident at work. */
export interface Incident {
  readonly dedupKey: string;
  readonly state: State;
  readonly stations: Stations;
}

/**
 * Hands an event to those whom it is for. Each is sent its events in order and one after the other, receivers beside
 * each other: one that cannot be reached for an hour does not keep the others from being told.
 */
export async function tell(incident: Incident, event: PageEvent): Promise<void> {
  const { state } = incident;
  const names = await receiversOf(incident, event);
  if (names.length === 0) giveUp(state, event, 'nobody', 'no route matches');
  for (const name of names) {
    const lane = laneOf(state, name);
    // Of updates that wait only the newest says how it stands.
    if (event.action === 'update' && lane.waiting.at(-1)?.action === 'update') lane.waiting.pop();
    lane.waiting.push(event);
    if (lane.sending !== null) continue;
    drain(incident, lane).catch((error: unknown) => {
      state.broken ??= isError(error) ? error : ApplicationFailure.nonRetryable(String(error));
    });
  }
}

/** An update is for those who were told and for whom it is now: louder, it may be for somebody else than before. */
async function receiversOf({ state, stations }: Incident, event: PageEvent): Promise<readonly string[]> {
  const told = (): readonly string[] => [...state.lanes.values()].filter(isTold).map(({ name }) => name);
  if (event.action === 'resolve' && told().length > 0) return told();
  const routed = await stations.route(event);
  if (event.action === 'change' || event.action === 'resolve') return routed.receivers;
  // An earlier run of this incident may have ended with a page that was not delivered, and the incident gone on.
  if (!state.knowsTold && event.action === 'update')
    for (const name of routed.open ?? []) laneOf(state, name).open = true;
  state.knowsTold = true;
  return [...new Set([...routed.receivers, ...told()])];
}

/** Whether a receiver was or will be told that the incident is open. */
function isTold({ open, waiting }: Lane): boolean {
  const last = waiting.findLast(({ action }) => action !== 'change');
  return last === undefined ? open : last.action !== 'resolve';
}

async function drain(incident: Incident, lane: Lane): Promise<void> {
  for (let event = lane.waiting.shift(); event; event = lane.waiting.shift()) {
    // What is added to an incident that is not open here opens it.
    const sent: PageEvent = event.action === 'update' && !lane.open ? { ...event, action: 'trigger' } : event;
    if (sent.action !== 'change') lane.open = sent.action !== 'resolve';
    Object.assign(lane, { sending: sent, attempt: null });
    show(incident.dedupKey, incident.state);
    await sendOne(incident, sent, lane.name);
    Object.assign(lane, { sending: null, attempt: null });
    show(incident.dedupKey, incident.state);
  }
}

async function sendOne({ state, stations }: Incident, event: PageEvent, to: string): Promise<void> {
  try {
    const { status } = await stations.send(event, to);
    state.sent += 1;
    state.lines.push(row(event, to, `${status}, ${new Date().toISOString()}`));
  } catch (failure) {
    const reason = reasonOf(failure);
    giveUp(state, event, to, reason);
    // What was refused for good is written down by who was refused.
    if (!isRefused(failure)) await record({ stations }, event, to, reason);
  }
}

/** It stands in this workflow's failure too: the books are for metrics. */
async function record(
  { stations }: Pick<Incident, 'stations'>,
  event: PageEvent,
  to: string,
  reason: string,
): Promise<void> {
  try {
    await stations.recordUndelivered({ event, to, reason });
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
  }
}

/** Notes that an event was not delivered. */
export function giveUp(state: State, event: PageEvent, to: string, reason: string): void {
  state.lines.push(row(event, to, `**NOT DELIVERED**: ${reason}`));
  state.undelivered.push(`${to}: ${event.action} "${short(event.summary)}": ${reason}`);
}

/**
 * The service's last word, or that the time to retry is up.
 *
 * @throws what is no page that failed: a cancelled workflow, say.
 */
export function reasonOf(failure: unknown): string {
  if (!(failure instanceof ActivityFailure) || isCancellation(failure)) throw failure;
  const { cause } = failure;
  if (cause instanceof TimeoutFailure)
    return 'not taken by any attempt in its time; the answers stand with the activity';
  return isError(cause) ? cause.message : 'the activity failed';
}

function isRefused(failure: unknown): boolean {
  if (!(failure instanceof ActivityFailure)) return false;
  const { cause } = failure;
  return cause instanceof ApplicationFailure && cause.type === 'PagerRejected';
}
