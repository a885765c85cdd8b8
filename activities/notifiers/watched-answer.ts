import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest, IncomingMessage } from 'node:http';

/** The header that tells our request from all others of this process. */
export const REQUEST_ID_HEADER = 'X-Request-Id';

/** Node's own notice that a client has received the head of an answer. @see https://nodejs.org/api/diagnostics_channel.html#http */
const CHANNEL = 'http.client.response.finish';

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly retryAfter: string | null;
}

/**
 * Runs `work` and calls `onAnswer` with the status of the answer to the request that carries `requestId`.
 *
 * pdjs hides the status of an answer that is not JSON, and answers 429 by three posts of its own that cannot be
 * turned off: this shows the status as Node received it, before the library acts on it.
 */
export async function watchAnswer<T>(
  requestId: string,
  onAnswer: (head: AnswerHead) => void,
  work: () => Promise<T>,
): Promise<T> {
  const listen = (message: unknown) => {
    const { request, response } = message as { request?: unknown; response?: unknown };
    if (!(request instanceof ClientRequest) || !(response instanceof IncomingMessage)) return;
    if (![request.getHeader(REQUEST_ID_HEADER)].flat().includes(requestId)) return;
    onAnswer({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null });
  };
  subscribe(CHANNEL, listen);
  try {
    return await work();
  } finally {
    unsubscribe(CHANNEL, listen);
  }
}
