import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Databases } from './databases.ts';
import type { Delivered, Notifier, NotDelivered, PageEvent } from './notifiers/notifier.ts';
import { redactEvent } from './notifiers/redact-event.ts';
import { everyReceiverOf, receiversOf, type Route } from './notifiers/routes.ts';
import { receiversTold, recordDelivery, recordGivenUp } from './send/delivery-books.ts';
import { retryDelayMs } from './send/retry-delay.ts';
import { tellAttempt } from './send/tell-attempt.ts';

/** What the incident workflow asks for. */
export interface SendInput {
  readonly event: PageEvent;
  /** The receiver, by name; left out by earlier versions: everyone whom the event is for. */
  readonly to?: string;
  /** The wait after the first attempt, milliseconds. Default 5 s. */
  readonly firstRetryMs?: number;
}

/** Who has taken the event, and how they answered. */
export interface SendResult {
  readonly status: number;
  readonly dedupKey: string;
  readonly deliveries: Readonly<Record<string, Delivered>>;
}

/** Whom an event is for. */
export interface RouteResult {
  readonly receivers: readonly string[];
  /** Of them those at whom the incident is open by the books; null where those cannot be asked. */
  readonly open: readonly string[] | null;
}

/** An event that nobody at a receiver took for as long as it was retried. */
export interface GivenUp {
  readonly event: PageEvent;
  readonly to: string;
  readonly reason: string;
}

export interface SendDeps {
  /** Everyone who can be told, by the names of the routing file. */
  readonly notifiers: readonly Notifier[];
  /** Who is told what; everyone everything when left out. */
  readonly routes?: readonly Route[];
  /** Where deliveries are written down; nowhere when left out. */
  readonly databases?: Databases;
  /** By which an incident is told of its attempts; not when left out. */
  readonly client?: Client;
}

const FIRST_RETRY_MS = 5_000;

/** Makes the activities that tell people. They run on a queue of their own, `<taskQueue>-page`. */
export function createSend(deps: SendDeps) {
  const { notifiers } = deps;
  const db = deps.databases?.loader ?? null;
  const everyone = notifiers.map(({ name }) => name);
  const routes = deps.routes ?? [{ match: {}, to: everyone, goesOn: false }];
  return {
    /** Whom an event is for: a resolve is for those who were told, as far as the books know, else for everyone. */
    async route({ event }: { readonly event: PageEvent }): Promise<RouteResult> {
      const open = event.action === 'change' ? [] : await receiversTold(db, event.dedupKey);
      if (event.action !== 'resolve') return { receivers: everyReceiverOf(routes, event), open };
      const told = open !== null && open.length > 0 ? open : everyone;
      return { receivers: told, open };
    },

    /**
     * One attempt to tell one receiver; the workflow's retry policy makes the next.
     *
     * @throws ApplicationFailure `PagerRejected` (final) for an event that will be refused for ever.
     * @throws ApplicationFailure `PagerUnavailable` (retryable, with the delay until the next attempt).
     */
    async send({ event: given, to, firstRetryMs = FIRST_RETRY_MS }: SendInput): Promise<SendResult> {
      const event = redactEvent(given);
      if (to === undefined) return sendToAll(notifiers, receiversOf(routes, event), event);
      const notifier = notifiers.find(({ name }) => name === to);
      return sendToOne({ ...deps, firstRetryMs }, notifier ?? unknownReceiver(to, everyone), event);
    },

    /** Writes down that an event is given up at a receiver. */
    async recordUndelivered({ event, to, reason }: GivenUp): Promise<void> {
      if (db !== null) await recordGivenUp(db, event, to, reason);
    },
  };
}

interface Sending extends SendDeps {
  readonly firstRetryMs: number;
}

async function sendToOne(
  { databases, client, firstRetryMs }: Sending,
  notifier: Notifier,
  event: PageEvent,
): Promise<SendResult> {
  const { info, cancellationSignal: signal, cancelled } = Context.current();
  const delivery = await notifier.send(event, { signal });
  if (signal.aborted) await cancelled;
  const now = Date.now();
  const { attempt } = info;
  const again = delivery.delivered
    ? null
    : retryDelayMs({ attempt, firstMs: firstRetryMs, random: Math.random(), ...delivery });
  const isRetried = !delivery.delivered && delivery.retry && again !== null;
  const nextTryAt = isRetried ? new Date(now + again) : null;
  const receiver = notifier.name;
  const { workflowExecution: run } = info;
  await Promise.all([
    recordDelivery(databases?.loader ?? null, {
      event,
      notifier: receiver,
      delivery,
      attempts: attempt,
      nextTryAt,
    }),
    ...(delivery.delivered || nextTryAt === null || run === undefined
      ? []
      : [
          tellAttempt(client ?? null, run, {
            ...{ eventId: event.eventId, receiver, attempt, answer: delivery.reason },
            ...{ at: new Date(now).toISOString(), nextAt: nextTryAt.toISOString() },
          }),
        ]),
  ]);
  if (!delivery.delivered) throw failureOf(delivery, again);
  const { status, dedupKey } = delivery;
  return { status, dedupKey, deliveries: { [receiver]: delivery } };
}

/** Who left the routing file while an event waited: nobody else is told in their place without anybody's word. */
function unknownReceiver(name: string, known: readonly string[]): Notifier {
  const reason = `there is no receiver ${name} any more: put it back into the routing file, or tell by hand; there are ${known.join(', ')}`;
  return {
    name,
    send: async ({ dedupKey }) => ({
      ...{ delivered: false, status: null, dedupKey, retry: false, retryAfterMs: null, reason },
    }),
  };
}

/** As earlier versions asked: a receiver that has taken the event is not asked again by a retry, the heartbeat keeps who has. */
async function sendToAll(
  notifiers: readonly Notifier[],
  names: readonly string[],
  event: PageEvent,
): Promise<SendResult> {
  const context = Context.current();
  const { info, cancellationSignal: signal, cancelled } = context;
  const taken = new Map<string, Delivered>(Object.entries(takenBefore(info.heartbeatDetails)));
  const refused: NotDelivered[] = [];
  for (const notifier of notifiers.filter(({ name }) => names.includes(name) && !taken.has(name))) {
    const delivery = await notifier.send(event, { signal });
    if (delivery.delivered) taken.set(notifier.name, delivery);
    else refused.push(delivery);
    context.heartbeat(Object.fromEntries(taken));
  }
  if (signal.aborted) await cancelled;
  const last = refused.find(({ retry }) => retry) ?? refused[0];
  if (last) throw failureOf(last, last.retryAfterMs);
  const first = [...taken.values()][0];
  if (!first) throw ApplicationFailure.nonRetryable('Nobody is told: no route matches.', 'PagerRejected');
  return { status: first.status, dedupKey: first.dedupKey, deliveries: Object.fromEntries(taken) };
}

/** What an earlier attempt of this activity left in its heartbeat. */
function takenBefore(details: unknown): Readonly<Record<string, Delivered>> {
  return typeof details === 'object' && details !== null ? { ...details } : {};
}

function failureOf({ retry, reason, status }: NotDelivered, againMs: number | null): ApplicationFailure {
  return ApplicationFailure.create({
    type: retry ? 'PagerUnavailable' : 'PagerRejected',
    message: reason,
    nonRetryable: !retry,
    details: [{ status }],
    ...(againMs === null ? {} : { nextRetryDelay: againMs }),
  });
}
