import { ApplicationFailure, cancellationSignal } from '@temporalio/activity';

export interface CallHeartbeatDeps {
  /** Who is to hear that the monitor goes on, and raises the alarm when it does not; a secret. Null: nobody. */
  readonly heartbeatUrl?: string | null;
}

/** Whether somebody was told, and what was answered. */
export interface HeartbeatCalled {
  /** The HTTP status; null where no address is set. */
  readonly status: number | null;
}

/** The next round calls again within a minute. */
const ANSWER_MS = 10_000;

/** Makes the activity that tells somebody outside that the monitor's round went well. */
export function createCallHeartbeat({ heartbeatUrl = null }: CallHeartbeatDeps) {
  return {
    /** @throws ApplicationFailure `HeartbeatUnanswered`; its message has the status and never the address. */
    async callHeartbeat(): Promise<HeartbeatCalled> {
      return { status: heartbeatUrl === null ? null : await callAddress(heartbeatUrl, cancellationSignal()) };
    },
  };
}

/** One call. @throws ApplicationFailure as `callHeartbeat` does. */
export async function callAddress(url: string, cancelled: AbortSignal): Promise<number> {
  const signal = AbortSignal.any([cancelled, AbortSignal.timeout(ANSWER_MS)]);
  const response = await fetch(url, { method: 'POST', redirect: 'error', signal }).catch((error: unknown) => {
    throw unanswered(`nobody answered (${reasonOf(error)})`);
  });
  await response.body?.cancel();
  if (!response.ok) throw unanswered(`it answered ${response.status}`);
  return response.status;
}

function unanswered(why: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'HeartbeatUnanswered',
    message: `The address in WEIR_HEARTBEAT_URL was called and ${why}.`,
  });
}

/** A code like ECONNREFUSED, or the kind of error: messages name the address. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : null;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : null;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'unknown';
}
