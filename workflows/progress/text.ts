import { redactText } from '../../expectations/redact.ts';

/** `1 row`, `12,345 rows`; an unknown count says so. */
export function rowsText(rows: number | null): string {
  if (rows === null) return 'rows not counted';
  return `${countText(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

/** `12,345`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 %`, `0.25 %`. @param share 0 to 1 */
export function percentText(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 3 })} %`;
}

/** Epoch milliseconds as `2017-01-02T08:00Z`. */
export function isoMinute(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 16)}Z`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Epoch milliseconds as `2 Jan 08:00Z`, in spaces that do not break: a narrow column keeps it on one line. */
export function shortMinute(epochMs: number): string {
  const at = new Date(epochMs);
  const [day, month, minute] = [at.getUTCDate(), MONTHS[at.getUTCMonth()], at.toISOString().slice(11, 16)];
  return `${day}\u00a0${month}\u00a0${minute}Z`;
}

/** Bytes of UTF-8: what Temporal's limits count. */
export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Cuts a text to so many bytes of UTF-8, with an ellipsis for what is gone; never within a character. */
export function cutTo(limit: number, text: string): string {
  if (bytesOf(text) <= limit) return text;
  const kept: string[] = [];
  let left = limit - bytesOf('…');
  for (const character of text.slice(0, limit)) {
    left -= bytesOf(character);
    if (left < 0) break;
    kept.push(character);
  }
  return `${kept.join('')}…`;
}

/** Text as a cell of a Markdown table: what would end the cell or the line does not. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}

/**
 * Temporal's server refuses a summary above 400 bytes, and the task that brings it fails for ever.
 *
 * @see https://github.com/temporalio/temporal/blob/v1.29.1/common/dynamicconfig/constants.go limit.userMetadataSummarySize
 */
const SUMMARY_BYTES = 360;

/** A text as the summary of an activity or a timer: one line, and no longer than Temporal takes. */
export function summaryOf(text: string): string {
  // Before it is cut: half of a card number is not known for one any more.
  return cutTo(SUMMARY_BYTES, redactText(text).replaceAll(/\s*\n\s*/g, ' '));
}
