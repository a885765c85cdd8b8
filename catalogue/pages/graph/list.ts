import { columnOf, columns, type Column } from '../../drawing/shown-graph.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { lineOf } from '../../drawing/node-words.ts';
import { markShape } from '../../parts/marks.ts';
import { modelLinks } from '../../parts/model-links.ts';
import { nodeLook, type GraphLook } from './look.ts';

/** Models by layer as a nested list: what a drawing shows, for phones and for who hears it. */
export function layerList(look: GraphLook, names: readonly string[], none: string): Html {
  if (names.length === 0) return html`<p class="none">${none}</p>`;
  const byColumn = Map.groupBy(names, (name) => columnIn(look, name));
  return html`<ul class="layers">
    ${columns.map((column) => layerItem(look, column, byColumn.get(column) ?? []))}
  </ul>`;
}

function columnIn({ site }: GraphLook, name: string): Column {
  const model = site.repository.graph.byName.get(name);
  return model === undefined ? 'sources' : columnOf(model);
}

function layerItem(look: GraphLook, column: Column, names: readonly string[]): Part {
  if (names.length === 0) return null;
  return html`<li>
    <b>${column}</b>
    <ul>
      ${names.map((name) => modelItem(look, name))}
    </ul>
  </li>`;
}

function modelItem(look: GraphLook, name: string): Html {
  const { site, to, states } = look;
  const one = nodeLook(look, name);
  const reads = site.repository.graph.upstream.get(name) ?? [];
  return html`<li>
    ${markShape(one.state)} <a href="${to('graph', name)}">${name}</a>
    <span class="how">${lineOf({ ...one, waitingBehind: [] }, site.at)}</span>
    ${
      one.waitingBehind.length === 0
        ? null
        : html`<div class="how">
            ${markShape('waiting')} waits behind ${modelLinks(to, states, one.waitingBehind)}
          </div>`
    }
    ${reads.length === 0 ? null : html`<div class="how">reads ${reads.join(', ')}</div>`}
  </li>`;
}
