import { html } from '../../html.ts';
import type { Html } from '../../html.ts';
import { numberText } from '../../parts/texts.ts';
import { groupedWords } from '../../parts/value-words.ts';
import type { BrokenPromise } from '../../read/broken-promises.ts';

/** More are on the page of the gate run. */
const MOST_NAMED = 6;

/** The promises that did not hold, in words; those that are not critical say so. */
export function brokenList(broken: readonly BrokenPromise[]): Html | null {
  if (broken.length === 0) return null;
  const more = broken.length - MOST_NAMED;
  return html`<ul class="broken">
    ${broken
      .slice(0, MOST_NAMED)
      .map(
        ({ words, severity }) =>
          html`<li>
            ${groupedWords(words)}${severity === 'critical' ? null : html` <span class="how">${severity}</span>`}
          </li>`,
      )}
    ${more > 0 ? html`<li class="how">and ${numberText(more)} more</li>` : null}
  </ul>`;
}
