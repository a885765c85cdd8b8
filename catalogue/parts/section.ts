import { html } from '../html.ts';
import type { Html, Part } from '../html.ts';

/**
 * A part of a page that can be linked to.
 *
 * @param title what its `h2` says.
 * @param id its anchor, unique on the page, without spaces.
 */
export function section(title: string, id: string, body: Part): Html {
  return html`<section class="section" id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><a class="anchor" href="#${id}">${title}</a></h2>
    ${body}
  </section>`;
}
