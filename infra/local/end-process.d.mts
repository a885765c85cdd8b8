/** Lets this process come to its end with a code; what is still open after `patienceMs` (2 s) is left behind. */
export function endProcess(code: number, patienceMs?: number): void;
