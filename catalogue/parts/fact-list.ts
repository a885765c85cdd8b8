import { html } from '../html.ts';
import type { Html, Part } from '../html.ts';

/** Names and what stands behind each: `owner`, `as of`. */
export function factList(pairs: readonly (readonly [string, Part])[]): Html {
  return html`<dl class="facts">
    ${pairs.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
