import { setTimeout as delay } from 'node:timers/promises';

type Held<Value> = Exclude<Value, false | null | undefined | 0 | ''>;

/** How long to look, and what for: `what` stands in the error. */
export interface UntilOptions {
  readonly timeoutMs?: number;
  readonly everyMs?: number;
  readonly what: string;
}

/**
 * Looks again and again until the condition holds, instead of sleeping for a guessed time.
 *
 * @returns what the condition returned when it held. A condition that throws counts as not holding yet.
 * @throws Error naming `what`, the time and the last error, when it never held.
 */
export async function until<Value>(
  condition: () => Value | Promise<Value>,
  { timeoutMs = 10_000, everyMs = 25, what }: UntilOptions,
): Promise<Held<Value>> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (holds(value)) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() >= end) {
      const why = last instanceof Error ? `; last error: ${last.message}` : '';
      throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}${why}`, { cause: last });
    }
    await delay(everyMs);
  }
}

function holds<Value>(value: Value): value is Held<Value> {
  return Boolean(value);
}
