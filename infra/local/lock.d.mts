/** Whether a process of this id runs, ours or another user's. */
export function isAlive(pid: number): boolean;
/** When a process started: only good for comparing. Null when unknown. */
export function startedAt(pid: number): string | null;
/** Who holds the lock; null where nobody alive does. */
export function lockHolder(file: string): { pid: number; started: string | null } | null;
/** Takes the lock, waiting for a living holder; null when the time ran out, else a function that gives it back. */
export function lock(
  file: string,
  options: { timeoutMs: number; onWait?: (holder: number) => void },
): Promise<(() => void) | null>;
