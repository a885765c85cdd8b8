/** Lets this process come to its end with a code; what is still open `patienceMs` (2 s) after all was written is left behind. */
export function endProcess(code: number, patienceMs?: number): void;
