/** Text as Postgres takes it, in a column and within JSON: without NUL and half pairs of surrogates. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
