import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Delivered, Notifier, NotDelivered, PageEvent } from './notifiers/notifier.ts';

/** What the incident workflow asks for. */
export interface SendInput {
  readonly event: PageEvent;
}

/** Who has taken the event, and how they answered. */
export interface SendResult {
  readonly status: number;
  readonly dedupKey: string;
  readonly deliveries: Readonly<Record<string, Delivered>>;
}

export interface SendDeps {
  readonly notifiers: readonly Notifier[];
}

/** Makes the activity that hands one event to every notifier. It runs on a queue of its own, `<taskQueue>-page`. */
export function createSend({ notifiers }: SendDeps) {
  return {
    /**
     * One attempt to tell everyone; the workflow's retry policy makes the next. A notifier that has taken the event
     * is not asked again by a retry: the heartbeat keeps who has.
     *
     * @throws ApplicationFailure `PagerRejected` (final) for an event that will be refused for ever.
     * @throws ApplicationFailure `PagerUnavailable` (retryable, with the delay that the service asked for).
     */
    async send({ event }: SendInput): Promise<SendResult> {
      const { info, cancellationSignal: signal, ...context } = currentContext();
      const taken = new Map<string, Delivered>(Object.entries(takenBefore(info.heartbeatDetails)));
      let refused: NotDelivered | null = null;
      for (const notifier of notifiers.filter(({ name }) => !taken.has(name))) {
        const delivery = await notifier.send(event, { signal });
        if (delivery.delivered) taken.set(notifier.name, delivery);
        else refused ??= delivery;
        context.heartbeat(Object.fromEntries(taken));
      }
      if (signal.aborted) await context.cancelled;
      if (refused) throw failureOf(refused);
      const first = [...taken.values()][0];
      if (!first)
        throw ApplicationFailure.nonRetryable('Nobody is told: no notifier is set up.', 'PagerRejected');
      return { status: first.status, dedupKey: first.dedupKey, deliveries: Object.fromEntries(taken) };
    },
  };
}

function currentContext() {
  const context = Context.current();
  const { info, cancellationSignal, cancelled } = context;
  return { info, cancellationSignal, cancelled, heartbeat: (details: unknown) => context.heartbeat(details) };
}

/** What an earlier attempt of this activity left in its heartbeat. */
function takenBefore(details: unknown): Readonly<Record<string, Delivered>> {
  return typeof details === 'object' && details !== null ? { ...details } : {};
}

function failureOf({ retry, retryAfterMs, reason, status }: NotDelivered): ApplicationFailure {
  return ApplicationFailure.create({
    type: retry ? 'PagerUnavailable' : 'PagerRejected',
    message: reason,
    nonRetryable: !retry,
    details: [{ status }],
    ...(retryAfterMs === null ? {} : { nextRetryDelay: retryAfterMs }),
  });
}
