/** Writes what a verb answers: as JSON for programs, as text for people. */
export function answer(asJson: boolean | undefined, value: unknown, text: () => string): void {
  process.stdout.write(asJson === true ? `${JSON.stringify(value, null, 2)}\n` : text());
}
