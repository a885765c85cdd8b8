import { html } from '../html.ts';
import type { Part } from '../html.ts';
import { readModelStates } from '../read/model-states.ts';
import { readModelSummaries } from '../read/model-summaries.ts';
import { readPublishedRelation } from '../read/published-relation.ts';
import type { Page, PageKind, Site, To } from '../site.ts';
import type { AboutModel } from './models/about-model.ts';
import { columnsSection } from './models/columns.ts';
import { freshnessSection } from './models/freshness.ts';
import { gatesSection } from './models/gates.ts';
import { headerFacts } from './models/header-facts.ts';
import { listPage } from './models/list.ts';
import { loadsSection } from './models/loads.ts';
import { quarantineNotice } from './models/quarantine.ts';
import { readersSection } from './models/readers.ts';
import { sourceSection } from './models/source.ts';
import { sqlSection } from './models/sql.ts';
import { standingLead, standingNotices } from './models/standing.ts';

/** Models and sources: what each is, how it stands, where its columns come from, what was loaded of it. */
const models: PageKind = {
  folder: 'models',
  name: 'Models',
  ids: (site) => Promise.resolve(['index', ...site.repository.models.map(({ name }) => name)]),
  page: (site, id, to) => (id === 'index' ? listPage(site, to) : modelPage(site, id, to)),
};
export default models;

async function modelPage(site: Site, name: string, to: To): Promise<Page | null> {
  const model = site.repository.graph.byName.get(name);
  if (model === undefined) return null;
  const about: AboutModel = { site, to, model, states: await readModelStates(site) };
  const [relation, summaries] = await Promise.all([
    readPublishedRelation(site, model),
    readModelSummaries(site, [name]),
  ]);
  const [aside, source, gates, freshness, loads] = await Promise.all([
    quarantineNotice(about),
    sourceSection(about),
    gatesSection(about, summaries.verdicts.get(name) ?? []),
    freshnessSection(about),
    loadsSection(about),
  ]);
  return {
    title: name,
    lead: standingLead(about),
    body: html`${standingNotices(about, relation)} ${aside} ${headerFacts(about, relation)}
    ${jumps(about, { gates, freshness, loads })} ${source} ${gates} ${freshness} ${loads}
    ${columnsSection(about, relation)} ${sqlSection(about)} ${readersSection(about, relation)}`,
  };
}

/** A long page on a small screen: where its parts are. */
function jumps({ model }: AboutModel, parts: Readonly<Record<'gates' | 'freshness' | 'loads', Part>>): Part {
  const links = [
    ['source', 'Source', model.kind === 'source'],
    ['gates', 'Gates', parts.gates !== null],
    ['freshness', 'Freshness', parts.freshness !== null],
    ['loads', 'Loads', parts.loads !== null],
    ['columns', 'Columns', true],
    ['sql', model.kind === 'source' ? 'File' : 'SQL', true],
    ['readers', 'Who may read it', true],
  ] as const;
  return html`<nav class="jumps" aria-label="On this page">
    <ul>
      ${links
        .filter(([, , isThere]) => isThere)
        .map(([id, words]) => html`<li><a href="#${id}">${words}</a></li>`)}
    </ul>
  </nav>`;
}
