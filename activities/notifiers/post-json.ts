import { cutDedupKey } from '../page/dedup-key.ts';
import { judge, unanswered, type Answer } from './judge.ts';
import type { Delivery } from './notifier.ts';

/** Less than the activity's start-to-close time-out, so that no attempt outlives the one that follows it. */
const TIMEOUT_MS = 10_000;
/** Of an answer that is read: more is no answer of a service that takes events. */
const ANSWER_BYTES = 64_000;

/** One post. */
export interface Post {
  /** The service's name in sentences. */
  readonly service: string;
  /** Where to. May be a secret: it is in no answer and no error. */
  readonly url: string;
  readonly dedupKey: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the attempt may take, milliseconds. Default 10 s. */
  readonly timeoutMs?: number | undefined;
  /** The activity's, which is aborted when it is cancelled. */
  readonly cancelled: AbortSignal;
  /** Says of an answer whether it is the service's own, whether it took the event, and what it says is wrong. */
  readonly read: (status: number, text: string) => Pick<Answer, 'isOwn' | 'isTaken' | 'said'>;
}

/**
 * Posts JSON once with Node's own client and says how it went. The attempt ends when its time is up, the time it takes
 * to read the answer included; no redirect is followed, because it would carry the event to another host; of an answer
 * at most 64 kB are read. Never throws.
 */
export async function postJson(post: Post): Promise<Delivery> {
  const { service, url, body, headers, timeoutMs = TIMEOUT_MS, cancelled, read } = post;
  const dedupKey = cutDedupKey(post.dedupKey);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'weir', ...headers },
      body,
      signal: AbortSignal.any([cancelled, stop.signal]),
      redirect: 'manual',
    });
    const { status } = answer;
    const retryAfter = answer.headers.get('retry-after');
    return judge(service, dedupKey, { status, retryAfter, ...read(status, await textOf(answer)) });
  } catch (error) {
    return unanswered(service, dedupKey, error, { cancelled, timedOut: stop.signal, timeoutMs });
  } finally {
    clearTimeout(timer);
  }
}

/** The beginning of an answer; what is beyond is not waited for. */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body) {
    const part: Uint8Array = chunk;
    bytes += part.length;
    text += decoder.decode(part.subarray(0, Math.max(0, part.length - (bytes - ANSWER_BYTES))), {
      stream: true,
    });
    if (bytes >= ANSWER_BYTES) break;
  }
  return text;
}

/**
 * An address to post to.
 *
 * @param what it is for, in the error.
 * @throws Error when it is none, or none that keeps what is sent to itself; it is not shown.
 */
export function checkedUrl(what: string, url: string): string {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && isHere)) return url;
  throw new Error(
    `${what} is no address to post to: write it as https://host/path (http:// only to this machine).`,
  );
}
