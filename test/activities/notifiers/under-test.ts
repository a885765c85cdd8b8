import type { Notifier } from '../../../activities/notifiers/notifier.ts';

/** How a service can be told to answer. */
export interface PlannedFailure {
  readonly mode: '429' | '500' | 'slow' | 'hang' | 'cut' | 'html';
  readonly times?: number;
  /** Of `500` (any status, in the service's own words) and `html`. */
  readonly status?: number;
  /** Seconds, or an HTTP date. */
  readonly retryAfter?: number | string;
  readonly delayMs?: number;
}

/** A notifier and whom it tells, both of one test file. */
export interface NotifierUnderTest {
  create(changes: { readonly timeoutMs?: number }): Notifier;
  /** What must appear in no answer, error or log. */
  readonly secrets: readonly string[];
  /** Incidents of a key as whoever is told has them, oldest first; `entries` without changes. */
  incidents(dedupKey: string): Promise<readonly { readonly status: string; readonly entries: number }[]>;
  /** How many changes were told. */
  changes(): Promise<number>;
  stop(): Promise<void>;
}

/** The same of a notifier that posts over HTTP. */
export interface HttpNotifierUnderTest extends NotifierUnderTest {
  /** The notifier at an address where nobody listens. */
  createUnreachable(): Notifier;
  /** ESM source of a process that makes `notifier`, a notifier with a time-out of 300 ms. */
  readonly processSource: string;
  fail(failure: PlannedFailure): Promise<void>;
  mend(): Promise<void>;
  /** Requests to the service so far, answered or not. */
  requests(): Promise<number>;
}
