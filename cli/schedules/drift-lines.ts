/** One schedule for people: its name and state, then what differs. */
export function driftLines(scheduleId: string, state: string, drift: readonly string[]): string {
  return [`${scheduleId}: ${state}`, ...drift.map((line) => `  ${line}`)].map((line) => `${line}\n`).join('');
}
