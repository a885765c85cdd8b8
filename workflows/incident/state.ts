import type { PageEvent } from '../../activities/notifiers/notifier.ts';
import type { IncidentCarried } from '../../activities/page.ts';
import type { FailedAttempt } from '../../activities/send/tell-attempt.ts';

/** Event ids and lines that are remembered: far more than one incident of a year's hours has open at once. */
const REMEMBERED = 500;

/** What one receiver is sent, one event after the other. */
export interface Lane {
  /** The receiver, by its name in the routing file. */
  readonly name: string;
  readonly waiting: PageEvent[];
  /** What it is being sent. */
  sending: PageEvent | null;
  /** The last attempt of that, where it failed. */
  attempt: FailedAttempt | null;
  /** Whether the incident is open here: a trigger went out, and no resolve after it. */
  open: boolean;
}

/** An incident's state. */
export interface State {
  /** Events that nobody has been chosen for yet. */
  readonly queue: PageEvent[];
  readonly seen: Set<string>;
  readonly lanes: Map<string, Lane>;
  /** Rows of the details: what has been sent. */
  readonly lines: string[];
  readonly undelivered: string[];
  /** `24 times since …`, as the last event said; null before one did. */
  failedSoFar: string | null;
  /** Deliveries that were taken, by this run. */
  sent: number;
  open: boolean;
  /** Whether anything came since this run began. */
  began: boolean;
  /** Whether this run knows who was told: from its first trigger on, or from the run before it. */
  knowsTold: boolean;
  /** What ends the workflow although nobody refused anything: its cancellation. */
  broken: Error | null;
}

/** The state as it is when a run begins. */
export function begin(carried: IncidentCarried | undefined): State {
  const told = carried?.told ?? [];
  const state: State = {
    queue: [],
    seen: new Set(carried?.seen),
    lanes: new Map(),
    lines: [...(carried?.lines ?? [])],
    undelivered: [],
    failedSoFar: carried?.failedSoFar ?? null,
    sent: 0,
    open: carried?.open ?? false,
    began: false,
    knowsTold: told.length > 0,
    broken: null,
  };
  for (const name of told) laneOf(state, name).open = true;
  return state;
}

/** What the next run has to know. */
export function carry({ seen, lines, open, lanes, failedSoFar }: State): IncidentCarried {
  const told = [...lanes.values()].filter((lane) => lane.open).map(({ name }) => name);
  return { seen: [...seen].slice(-REMEMBERED), lines: lines.slice(-REMEMBERED), open, told, failedSoFar };
}

/** What an event says of how often its promise was broken; null where it says nothing of it. */
export function failedSoFar({ details }: Pick<PageEvent, 'details'>): string | null {
  const { failed_so_far: told, failed, since } = details;
  if (typeof told === 'string') return told;
  return typeof failed === 'string' && typeof since === 'string' ? `${failed} since ${since}` : null;
}

/** The lane of a receiver, made where there is none. */
export function laneOf({ lanes }: State, name: string): Lane {
  const known = lanes.get(name);
  if (known) return known;
  const lane: Lane = { name, waiting: [], sending: null, attempt: null, open: false };
  lanes.set(name, lane);
  return lane;
}

/** Whether nothing is being sent and nothing waits. */
export function isIdle({ queue, lanes }: State): boolean {
  return (
    queue.length === 0 &&
    [...lanes.values()].every(({ sending, waiting }) => sending === null && waiting.length === 0)
  );
}
