import { html } from '../html.ts';
import { readGateRun } from '../read/gate-run.ts';
import { readVerdictsOfSite } from '../read/gate-run-list.ts';
import { readJudgedPromises } from '../read/judged-promises.ts';
import { readModelStates } from '../read/model-states.ts';
import type { Page, PageKind, Site, To } from '../site.ts';
import { aboutSections } from './gates/about.ts';
import type { AboutRun } from './gates/about-run.ts';
import { fateNotice, leadOf, titleOf } from './gates/fate-words.ts';
import { listPage } from './gates/list.ts';
import { pressSection } from './gates/press.ts';
import { brokenSection, keptSection } from './gates/promises.ts';

/** Gate runs: what was no pass lately and the last of every gate, and each verdict with all that came of it. */
const gates: PageKind = {
  folder: 'gates',
  name: 'Gates',
  ids: async (site) => ['index', ...(await readVerdictsOfSite(site))],
  page: async (site, id, to) => (id === 'index' ? await listPage(site, to) : await runPage(site, id, to)),
};

export default gates;

/** In the order in which a responder asks: what is it, what do I press, what broke, and then everything else. */
async function runPage(site: Site, verdictId: string, to: To): Promise<Page | null> {
  const run = await readGateRun(site, verdictId);
  if (run === null) return null;
  const [promises, states] = await Promise.all([readJudgedPromises(site, run.latest), readModelStates(site)]);
  const about: AboutRun = { site, run, promises, states, to };
  return {
    title: titleOf(run),
    lead: leadOf(about),
    body: html`${fateNotice(about)} ${pressSection(about)} ${brokenSection(about)} ${aboutSections(about)}
    ${keptSection(about)}`,
  };
}
