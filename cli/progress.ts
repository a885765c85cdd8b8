/** How often a line of progress is written anew, milliseconds. */
const EVERY_MS = 500;

/** Whether somebody watches: standard error is a terminal. Pipes and logs get no progress. */
export function isWatched(): boolean {
  return process.stderr.isTTY && process.env['TERM'] !== 'dumb';
}

/**
 * Shows on a terminal's standard error that something goes on, what and for how long, in one line that goes away when
 * it ends. Elsewhere it writes nothing.
 *
 * @param what in few words: `reading raw_transactions`.
 * @param detail what is added behind it, asked every time the line is written.
 */
export async function withProgress<T>(
  what: string,
  work: () => Promise<T>,
  detail: () => string = () => '',
): Promise<T> {
  if (!isWatched()) return await work();
  const began = performance.now();
  const show = (): void => {
    const line = progressLine(what, performance.now() - began, detail());
    process.stderr.write(`\r\u001B[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  };
  // What ends within the blink of an eye shows nothing.
  const timer = setInterval(show, EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    process.stderr.write('\r\u001B[K');
  }
}

/** @param ms since it began. */
export function progressLine(what: string, ms: number, detail: string): string {
  return [`${what} … ${Math.floor(ms / 1000)} s`, detail].filter((part) => part !== '').join(' · ');
}
