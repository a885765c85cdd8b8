import { proxyActivities } from '@temporalio/workflow';
import type { PageEvent } from '../../activities/notifiers/notifier.ts';
import type { IncidentInput } from '../../activities/page.ts';
import type { createSend, GivenUp, RouteResult, SendResult } from '../../activities/send.ts';
import { short } from './text.ts';

const DAY_MS = 24 * 60 * 60_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 10 * 60_000;

type Activities = ReturnType<typeof createSend>;

/** What an incident asks of the world, on the queue of pages. */
export interface Stations {
  readonly route: (event: PageEvent) => Promise<RouteResult>;
  /** Tells one receiver; everyone where none is given, as histories of earlier versions have it. */
  readonly send: (event: PageEvent, to?: string) => Promise<SendResult>;
  readonly recordUndelivered: (given: GivenUp) => Promise<void>;
}

/** The activities of an incident, each with what it is about in the time line. */
export function stationsOf({ pageTaskQueue: taskQueue, ...retry }: IncidentInput): Stations {
  const { retryForMs = DAY_MS, firstRetryMs = FIRST_RETRY_MS } = retry;
  const { send } = proxyActivities<Activities>({
    taskQueue,
    // Longer than a notifier's own time-out, so that two attempts never post at once.
    startToCloseTimeout: '30 seconds',
    scheduleToCloseTimeout: retryForMs,
    // Where an attempt ends without having said how long to wait: its worker was killed.
    retry: { initialInterval: firstRetryMs, maximumInterval: Math.max(firstRetryMs, LONGEST_RETRY_MS) },
  });
  const { route } = proxyActivities<Activities>({ taskQueue, startToCloseTimeout: '30 seconds' });
  const { recordUndelivered } = proxyActivities<Activities>({
    taskQueue,
    startToCloseTimeout: '10 seconds',
    scheduleToCloseTimeout: '1 minute',
  });
  return {
    route: (event) => route.executeWithOptions({ summary: `to whom: ${event.action}` }, [{ event }]),
    send: (event, to) =>
      to === undefined
        ? send.executeWithOptions({ summary: short(`${event.action}: ${event.summary}`) }, [{ event }])
        : send.executeWithOptions({ summary: short(`${event.action} to ${to}: ${event.summary}`) }, [
            { event, to, firstRetryMs },
          ]),
    recordUndelivered: (given) =>
      recordUndelivered.executeWithOptions({ summary: short(`not delivered to ${given.to}`) }, [given]),
  };
}
