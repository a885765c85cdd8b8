import { html } from '../../html.ts';
import type { Html } from '../../html.ts';
import { stateMark } from '../../parts/marks.ts';
import { numberText } from '../../parts/texts.ts';
import { modelStates, type ModelStanding } from '../../read/model-states.ts';
import type { To } from '../../site.ts';

/** How many models, sources and views stand how: a line of marks that leads to the graph. */
export function stateCounts(states: ReadonlyMap<string, ModelStanding>, to: To): Html {
  const standings = [...states.values()];
  const counts = modelStates.map((state) => ({
    state,
    count: standings.filter((one) => one.state === state).length,
  }));
  const waiting = standings.filter(({ waitingBehind }) => waitingBehind.length > 0).length;
  return html`<ul class="counts" aria-label="Models, sources and views by state">
    ${counts
      .filter(({ count }) => count > 0)
      .map(({ state, count }) => html`<li><b>${numberText(count)}</b> ${stateMark(state)}</li>`)}
    ${waiting === 0 ? null : html`<li><b>${numberText(waiting)}</b> of them ${stateMark('waiting')}</li>`}
    <li><a href="${to('graph')}">How they hang together</a></li>
  </ul>`;
}
