import { html } from '../html.ts';
import type { Html, Part } from '../html.ts';

/** A drawing with its title, and its numbers for who cannot see it. */
export interface FigureOptions {
  readonly title: string;
  readonly drawing: Html;
  readonly note?: Part;
  /** The same numbers as a table; opened on demand. */
  readonly table?: Html;
}

/** A chart on a page. Where it is wider than the screen it scrolls by itself. */
export function figure({ title, drawing, note, table }: FigureOptions): Html {
  return html`<figure class="figure">
    <figcaption>${title}${note === undefined ? null : html`<div class="note">${note}</div>`}</figcaption>
    <div class="drawing" role="group" aria-label="${title}" tabindex="0">${drawing}</div>
    ${
      table === undefined
        ? null
        : html`<details>
            <summary>${title}: the numbers</summary>
            ${table}
          </details>`
    }
  </figure>`;
}
