import { html } from '../html.ts';
import type { Html, Part } from '../html.ts';

/** How loud a notice is. */
export type NoticeKind = 'bad' | 'warn' | 'good' | 'plain';

/** A few words that must not be missed. */
export function notice(kind: NoticeKind, body: Part): Html {
  return html`<div class="notice ${kind}">${body}</div>`;
}
