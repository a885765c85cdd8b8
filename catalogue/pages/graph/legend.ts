import { html } from '../../html.ts';
import type { Html } from '../../html.ts';
import { outcomeMark, stateMark } from '../../parts/marks.ts';
import { modelStates } from '../../read/model-states.ts';

/** What the shapes, colours and lines of a drawing mean. */
export function legend(): Html {
  return html`<dl class="legend">
    <div>
      <dt>Models</dt>
      <dd>
        ${modelStates.map((state) => html`${stateMark(state)} `)}${stateMark('waiting')}
        <span>behind a held one</span>
      </dd>
    </div>
    <div>
      <dt>Gates</dt>
      <dd>
        ${(['pass', 'warn', 'fail', 'error'] as const).map((outcome) => html`${outcomeMark(outcome)} `)}
        <span>left what arrives, right what would be published</span>
      </dd>
    </div>
    <div>
      <dt>Lines</dt>
      <dd>
        <svg class="graph-key" viewBox="0 0 34 8" width="34" height="8" aria-hidden="true">
          <path class="edge" d="M0 4h34" />
        </svg>
        is read by
        <svg class="graph-key" viewBox="0 0 34 8" width="34" height="8" aria-hidden="true">
          <path class="edge waiting" d="M0 4h34" />
        </svg>
        nothing new comes
      </dd>
    </div>
  </dl>`;
}
