import { isPublished, layers } from '../../../models/model.ts';
import type { Model } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { stateMark } from '../../parts/marks.ts';
import { table } from '../../parts/table.ts';
import { agoText, countText, roughText, spanText } from '../../parts/texts.ts';
import { modelStates, readModelStates } from '../../read/model-states.ts';
import type { ModelStanding } from '../../read/model-states.ts';
import { readModelSummaries } from '../../read/model-summaries.ts';
import type { LastVerdict, ModelSummaries } from '../../read/model-summaries.ts';
import type { Page, Site, To } from '../../site.ts';
import { verdictMarks } from './verdict-marks.ts';

/** Every model and source by layer: how it stands, how old it is, what was loaded last, what its gates said. */
export async function listPage(site: Site, to: To): Promise<Page> {
  const { models } = site.repository;
  const [states, summaries] = await Promise.all([
    readModelStates(site),
    readModelSummaries(
      site,
      models.map(({ name }) => name),
    ),
  ]);
  const listing: Listing = { site, to, states, summaries };
  return {
    title: 'Models',
    lead: countsOf(models, states),
    body: table({
      caption: 'By layer, and in each what needs somebody first',
      head: ['Name', 'Layer', 'State', 'Age', 'Last loaded', 'Gates', 'Owner', 'Tier'],
      rows: inOrder(listing).map((model) => modelRow(listing, model)),
      none: 'There is no model: write one, or weir new model.',
      narrow: [1, 4, 5, 6, 7],
    }),
  };
}

interface Listing {
  readonly site: Site;
  readonly to: To;
  readonly states: ReadonlyMap<string, ModelStanding>;
  readonly summaries: ModelSummaries;
}

function countsOf(models: readonly Model[], states: ReadonlyMap<string, ModelStanding>): Html {
  const counts = modelStates.flatMap((state) => {
    const count = models.filter(({ name }) => states.get(name)?.state === state).length;
    return count === 0 ? [] : [html`<span class="count">${count} ${stateMark(state)}</span> `];
  });
  const waiting = models.filter(({ name }) => (states.get(name)?.waitingBehind.length ?? 0) > 0).length;
  return html`${countText(models.length, 'source, model or view', 'sources, models and views')}:
  ${counts}${waiting === 0 ? null : html`<span class="count">${waiting} of them ${stateMark('waiting')}</span>`}`;
}

/** Layer by layer, as rows flow; in each what needs somebody comes first. */
function inOrder({ site, states }: Listing): readonly Model[] {
  return site.repository.models.toSorted(
    (a, b) =>
      layers.indexOf(a.layer) - layers.indexOf(b.layer) ||
      rank(states, a) - rank(states, b) ||
      (a.name < b.name ? -1 : 1),
  );
}

function rank(states: ReadonlyMap<string, ModelStanding>, { name }: Model): number {
  const standing = states.get(name);
  return standing === undefined ? modelStates.length : modelStates.indexOf(standing.state);
}

function modelRow(listing: Listing, model: Model): readonly Part[] {
  const { site, to, states, summaries } = listing;
  const standing = states.get(model.name);
  const last = summaries.lastRows.get(model.name);
  return [
    html`<a href="${to('models', model.name)}">${model.name}</a>`,
    model.layer,
    standing === undefined ? '–' : stateCell(standing),
    standing === undefined ? '–' : ageCell(standing),
    last === undefined
      ? '–'
      : html`${countText(last.rows, 'row', 'rows')}, <span class="whole">${agoText(last.at, site.at)}</span>`,
    gatesCell(listing, model, summaries.verdicts.get(model.name) ?? []),
    html`<span class="whole">${model.owner}</span>`,
    String(model.tier),
  ];
}

function stateCell({ state, why, waitingBehind }: ModelStanding): Part {
  return [
    stateMark(state),
    waitingBehind.length === 0 ? null : html` ${stateMark('waiting')}`,
    state === 'held' || state === 'failed' ? html`<br /><span class="how wide">${why}</span>` : null,
  ];
}

function ageCell({ ageSeconds, objectiveSeconds }: ModelStanding): Part {
  if (ageSeconds === null) return '–';
  const age = html`<span class="whole">${roughText(ageSeconds)}</span>`;
  return objectiveSeconds === null
    ? age
    : html`${age} <span class="how whole wide">of ${spanText(objectiveSeconds)}</span>`;
}

function gatesCell({ site, to }: Listing, model: Model, verdicts: readonly LastVerdict[]): Part {
  if (model.kind === 'source') return '–';
  if (!isPublished(model) || (model.gates.input === null && model.gates.output === null))
    return html`<span class="none">no gate</span>`;
  if (verdicts.length === 0) return html`<span class="none whole">not asked yet</span>`;
  return verdictMarks(verdicts, site, to);
}
