import { aroundModel, builtFrom, wholeGraph } from '../drawing/shown-graph.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { stateMark } from '../parts/marks.ts';
import { section } from '../parts/section.ts';
import { countText } from '../parts/texts.ts';
import { modelStates } from '../read/model-states.ts';
import type { Page, PageKind, Site, To } from '../site.ts';
import { heldNotices, troubleNotice } from './graph/held.ts';
import { layerList } from './graph/list.ts';
import { drawing, lookAt, type GraphLook } from './graph/look.ts';

/** How everything hangs together and stands: the whole graph, and for each model what it is built from and into. */
const graphPages: PageKind = {
  folder: 'graph',
  name: 'Graph',
  ids: (site) => Promise.resolve(['index', ...site.repository.models.map(({ name }) => name)]),
  page: (site, id, to) => (id === 'index' ? wholePage(site, to) : modelPage(site, id, to)),
};
export default graphPages;

async function wholePage(site: Site, to: To): Promise<Page> {
  const look = await lookAt(site, to);
  const names = site.repository.models.map(({ name }) => name);
  return {
    title: 'Graph',
    lead: counts(look, names),
    body: html`<div class="graph-page">
      ${heldNotices(look, [...look.behind.keys()])} ${troubleNotice(look, names)}
      ${await drawing(look, wholeGraph(site.repository.graph), 'Sources, models and gates, by layer')}
      ${section('Everything by layer', 'list', layerList(look, names, 'There is no model yet.'))}
    </div>`,
  };
}

async function modelPage(site: Site, name: string, to: To): Promise<Page | null> {
  const { graph } = site.repository;
  if (!graph.byName.has(name)) return null;
  const look = await lookAt(site, to);
  const above = builtFrom(graph, name);
  const order = graph.models.map((model) => model.name);
  const downstream = new Set(graph.downstream.get(name));
  const below = order.filter((one) => downstream.has(one));
  const held = [name, ...(look.states.get(name)?.waitingBehind ?? [])].filter((one) => look.behind.has(one));
  return {
    title: `${name} in the graph`,
    lead: modelLead(look, name),
    body: html`<div class="graph-page">
      ${heldNotices(look, held)}
      ${await drawing(look, aroundModel(graph, name), `What ${name} is built from, and what is built from it`, name)}
      <div>
        ${section('Built from', 'upstream', layerList(look, above, 'Nothing of the repository: it is where rows come in.'))}
        ${section('What is built from it', 'downstream', layerList(look, below, 'Nothing: its readers are outside.'))}
      </div>
    </div>`,
  };
}

function counts({ states, behind }: GraphLook, names: readonly string[]): Html {
  const found = modelStates.flatMap((state) => {
    const count = names.filter((name) => states.get(name)?.state === state).length;
    return count === 0 ? [] : [html`<span class="count">${count} ${stateMark(state)}</span> `];
  });
  const waiting = new Set([...behind.values()].flat()).size;
  return html`${countText(names.length, 'source, model or view', 'sources, models and views')}:
  ${found}${waiting === 0 ? null : html`<span class="count">${waiting} of them ${stateMark('waiting')}</span>`}`;
}

function modelLead({ states, to }: GraphLook, name: string): Html {
  const standing = states.get(name);
  return html`${standing === undefined ? null : html`${stateMark(standing.state)} ${standing.why}. `}<a
      href="${to('models', name)}"
      >Its columns, SQL, loads and gates</a
    >
    · <a href="${to('graph')}">the whole graph</a>`;
}
