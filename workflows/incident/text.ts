/** Temporal cuts summaries at 400 bytes. */
const SUMMARY_BYTES = 360;

/** Text within what Temporal keeps of a summary. */
export function short(text: string): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= SUMMARY_BYTES) return text;
  let kept = text.slice(0, SUMMARY_BYTES);
  while (encoder.encode(kept).length > SUMMARY_BYTES - 3) kept = kept.slice(0, -1);
  return `${kept}…`;
}

/** Text as a cell of a Markdown table. */
export function cell(text: string): string {
  return short(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
}
