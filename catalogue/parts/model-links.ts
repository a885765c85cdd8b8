import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { markShape } from './marks.ts';
import type { ModelStanding } from '../read/model-states.ts';
import type { To } from '../site.ts';

/** A model's name as a link to its page, behind the shape of how it stands. */
function modelLink(to: To, states: ReadonlyMap<string, ModelStanding>, name: string): Html {
  const standing = states.get(name);
  // Whoever follows the link of one that waits asks what for, not how fresh it still is.
  const waits = standing?.state !== 'held' && (standing?.waitingBehind.length ?? 0) > 0;
  const state = waits ? 'waiting' : standing?.state;
  return html`<span class="model-link"
    >${state === undefined ? null : markShape(state)} <a href="${to('models', name)}">${name}</a></span
  >`;
}

/** Several of them in one line; a dash where there is none. */
export function modelLinks(
  to: To,
  states: ReadonlyMap<string, ModelStanding>,
  names: readonly string[],
): Html {
  if (names.length === 0) return html`<span class="none">none</span>`;
  return html`<span class="model-links">${names.map((name) => modelLink(to, states, name))}</span>`;
}
