/**
 * Text that people, errors or rows brought, for a terminal: what would move its cursor, colour it, name its window or
 * turn its letters round is shown as a mark. Ends of lines stay.
 */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- Those are what it is about.
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
