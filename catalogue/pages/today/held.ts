import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { markShape } from '../../parts/marks.ts';
import { section } from '../../parts/section.ts';
import { countText, momentText } from '../../parts/texts.ts';
import type { HeldGate } from '../../read/held-gates.ts';
import type { Site, To } from '../../site.ts';
import { brokenList } from './broken-list.ts';
import { runAddress } from '../../parts/run-link.ts';

/** What is held now; nothing at all where nothing is. */
export function heldSection(site: Site, to: To, held: readonly HeldGate[]): Html | null {
  if (held.length === 0) return null;
  return section(
    'Held now',
    'held',
    html`<div class="held-now">${held.map((one) => heldCard(site, to, one))}</div>`,
  );
}

function heldCard(site: Site, to: To, one: HeldGate): Html {
  const { model, gate, suite, verdictId, errored, failed, evaluated, since, waiting } = one;
  const run = runAddress(site, one);
  return html`<article class="held-card" id="held-${model}">
    <h3>
      ${markShape('held')} <a href="${to('models', model)}">${model}</a> at its ${gate} gate
      <span class="how">suite <a href="${to('suites', suite)}">${suite}</a></span>
    </h3>
    <p>
      ${
        errored
          ? 'Its promises could not be checked: what nobody has judged does not pass.'
          : html`<strong>${failed} of ${evaluated} promises broken</strong>${batchWords(one)}`
      }
    </p>
    ${brokenList(one.broken)}
    ${factList([
      ['held since', momentText(since, site.at)],
      ['hold ends', endWords(site, one)],
    ])}
    ${waiting.length === 0 ? null : html`<p>${waitingWords(to, one)}</p>`}
    <p class="presses">
      <a class="press" href="${to('gates', verdictId)}">Why it is held, and what to press</a>
      ${run === null ? null : html`<a href="${run}">The run in the Temporal UI</a>`}
    </p>
  </article>`;
}

function batchWords({ rows }: HeldGate): Part {
  if (rows === null) return '; no reader sees any of its batch.';
  return ` in a batch of ${countText(rows, 'row', 'rows')}; no reader sees any of it.`;
}

function endWords(site: Site, { expires }: HeldGate): Part {
  return html`${momentText(expires.at, site.at)}${expires.told ? null : ', as its pipeline usually has it'};
    <span class="how">then the run fails, and the next one meets the rows again</span>`;
}

function waitingWords(to: To, { model, waiting }: HeldGate): Part {
  return html`<a href="${to('graph', model)}"
      >${countText(waiting.length, 'model waits', 'models wait')} behind it</a
    >:
    ${waiting.map((name, index) => [index === 0 ? '' : ', ', html`<a href="${to('models', name)}">${name}</a>`])}`;
}
