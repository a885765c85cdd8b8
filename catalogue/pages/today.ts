import { html } from '../html.ts';
import { readHeldGates } from '../read/held-gates.ts';
import { readModelStates } from '../read/model-states.ts';
import { readObjectives } from '../read/objectives.ts';
import { readOpenIncidents } from '../read/open-incidents.ts';
import { readHolds } from '../read/past-holds.ts';
import { readRuns } from '../read/runs.ts';
import { readWaitingQuarantine } from '../read/waiting-quarantine.ts';
import type { Page, PageKind, Site, To } from '../site.ts';
import { heldSection } from './today/held.ts';
import { holdsSection } from './today/holds.ts';
import { incidentsSection } from './today/incidents.ts';
import { objectivesSection } from './today/objectives.ts';
import { quarantineSection } from './today/quarantine.ts';
import { runsSection } from './today/runs.ts';
import { stateCounts } from './today/state-counts.ts';
import { verdictOn } from './today/verdict.ts';

/** The front page: whether everything is all right, and if not, what to look at first. */
const today: PageKind = {
  folder: '',
  name: 'Today',
  ids: async () => ['index'],
  page: async (site, id, to) => (id === 'index' ? await frontPage(site, to) : null),
};
export default today;

async function frontPage(site: Site, to: To): Promise<Page> {
  const [states, held, incidents, objectives, runs, holds, quarantine] = await Promise.all([
    readModelStates(site),
    readHeldGates(site),
    readOpenIncidents(site),
    readObjectives(site),
    readRuns(site),
    readHolds(site),
    readWaitingQuarantine(site),
  ]);
  return {
    title: 'Today',
    lead: verdictOn({ site, to, states, held, incidents, objectives }),
    body: html`${stateCounts(states, to)} ${heldSection(site, to, held)}
    ${incidentsSection(site, to, incidents)} ${objectivesSection(site, to, objectives)}
    ${runsSection(site, to, runs, holds)} ${holdsSection(site, to, holds)}
    ${quarantineSection(site, to, quarantine)}`,
  };
}
