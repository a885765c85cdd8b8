/**
 * Whether something that was thrown is an error. The linter keeps the name `Error` out of workflow code: thrown there,
 * one fails the workflow task, which is then tried for ever, and the run looks as if it were running.
 */
export function isError(value: unknown): value is Error {
  // oxlint-disable-next-line no-restricted-globals -- The one place that reads errors; it makes none.
  return value instanceof Error;
}
