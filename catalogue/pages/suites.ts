import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { section } from '../parts/section.ts';
import { notice } from '../parts/notice.ts';
import { agoText, countText } from '../parts/texts.ts';
import { readModelSummaries } from '../read/model-summaries.ts';
import { readBoundsHolding, readPromiseHistories } from '../read/promise-history.ts';
import { gatesBySuite } from '../read/suite-gates.ts';
import { promiseWords } from '../read/suite-promises.ts';
import type { Page, PageKind, Site, To } from '../site.ts';
import { BOUND_DAYS, LINE_DAYS } from './suites/about-suite.ts';
import type { AboutSuite } from './suites/about-suite.ts';
import { brokenNow } from './suites/broken-now.ts';
import { gatePart } from './suites/gate-part.ts';
import { listPage } from './suites/list.ts';
import { howToChange, suiteFacts } from './suites/suite-facts.ts';
import { groupedWords } from '../parts/value-words.ts';

/** Suites: what each promises, whether it holds, and where its bounds would have to be. */
const suites: PageKind = {
  folder: 'suites',
  name: 'Suites',
  ids: (site) => Promise.resolve(['index', ...site.repository.suites.keys()]),
  page: (site, id, to) => (id === 'index' ? listPage(site, to) : suitePage(site, id, to)),
};
export default suites;

async function suitePage(site: Site, name: string, to: To): Promise<Page | null> {
  const about = await readAbout(site, name, to);
  if (about === null) return null;
  return {
    title: name,
    lead: leadOf(about),
    body: html`${brokenNow(about)} ${suiteFacts(about)}
    ${about.gates.length === 0 ? unasked(about) : about.gates.map((past, index) => gatePart(about, past, index))}
    ${howToChange(about)}`,
  };
}

async function readAbout(site: Site, name: string, to: To): Promise<AboutSuite | null> {
  const suite = site.repository.suites.get(name);
  if (suite === undefined) return null;
  const asking = gatesBySuite(site.repository).get(name) ?? [];
  const [histories, { verdicts }] = await Promise.all([
    readPromiseHistories(site, { suite: name }, { days: LINE_DAYS }),
    readModelSummaries(site, [...new Set(asking.map(({ model }) => model.name))]),
  ]);
  const ids = histories.filter(({ current }) => current).map(({ promiseId }) => promiseId);
  const holding = await readBoundsHolding(site, ids, 0.99, BOUND_DAYS);
  const gates = asking.map((one) => ({
    asking: one,
    last: verdicts.get(one.model.name)?.find(({ gate }) => gate === one.gate) ?? null,
    histories: histories.filter(({ model, gate }) => model === one.model.name && gate === one.gate),
  }));
  return { site, to, name, suite, gates, holding };
}

function leadOf({ suite, gates, site }: AboutSuite): Html {
  const promises = countText(suite.expectations.length, 'promise', 'promises');
  if (gates.length === 0) return html`${promises}, and no gate asks them.`;
  const asked = gates.flatMap(({ last }) => (last === null ? [] : [last.at.getTime()]));
  const last =
    asked.length === 0 ? 'not asked yet' : `last ${agoText(new Date(Math.max(...asked)), site.at)}`;
  return html`${promises}, asked by ${countText(gates.length, 'gate', 'gates')}, ${last}.`;
}

/** What it promises, where nothing asks it yet. */
function unasked({ suite }: AboutSuite): Html {
  return section(
    'Promises',
    'promises',
    html`${notice('plain', html`<p>No gate asks this suite. Name it in a model’s header, under <code>gates</code>.</p>`)}
      <ol>
        ${promiseWords(suite).map(
          ({ words, meaning, place }) =>
            html`<li id="p${place}">${groupedWords(words)} <span class="none">${meaning}</span></li>`,
        )}
      </ol>`,
  );
}
