import { cutText } from '../../../activities/notifiers/cut.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { notice } from '../../parts/notice.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { countText, momentText } from '../../parts/texts.ts';
import type { OpenIncident } from '../../read/open-incidents.ts';
import type { Site, To } from '../../site.ts';
import { verdictLinks } from '../../verdict-links.ts';
import { runAddress } from '../../parts/run-link.ts';

/** Two lines; the whole stands with the incident. */
const REST_LENGTH = 160;

/** Incidents that are open, the loudest first. */
export function incidentsSection(site: Site, to: To, incidents: readonly OpenIncident[]): Html {
  const missed = incidents.reduce((sum, { undelivered }) => sum + undelivered, 0);
  return section(
    'Open incidents',
    'incidents',
    html`${
      missed === 0
        ? null
        : notice(
            'bad',
            html`<p>
              On-call has not got ${countText(missed, 'event', 'events')} of what is open:
              <code>npm run weir -- page list</code> says which and why.
            </p>`,
          )
    }
    ${table({
      caption: 'What on-call knows of, the loudest first',
      head: ['Incident', 'Severity', 'Open since', 'Failures', 'Owner', 'Where'],
      rows: incidents.map((one) => rowOf(site, to, one)),
      none: 'None is open.',
      narrow: [1, 3, 4, 5],
    })}`,
  );
}

function rowOf(site: Site, to: To, one: OpenIncident): readonly Part[] {
  const { summary, severity, openedAt, failures, owner, members, isGood, verdictId } = one;
  const address = verdictId === null ? null : verdictLinks(site, to)(verdictId);
  const [words = '', ...rest] = summary.split(/(?<=\w)\. /);
  return [
    html`${address === null ? words : html`<a href="${address}">${words}</a>`}
    ${rest.length === 0 ? null : html`<span class="how on-desk">${restWords(rest.join('. '))}</span>`}
    ${members === 0 ? null : html`<span class="how">and ${countText(members, 'more', 'more')} of the same cause</span>`}
    ${isGood ? html`<span class="how">holds again; others of its storm do not yet</span>` : null}`,
    severity,
    momentText(openedAt, site.at),
    failures,
    owner ?? '–',
    whereOf(site, to, one),
  ];
}

/** As many whole promises as there is room for: of half a bound somebody would read another. */
function restWords(rest: string): string {
  const cut = cutText(rest, REST_LENGTH);
  const end = cut === rest ? -1 : cut.lastIndexOf('; ');
  return end < 0 ? cut : `${cut.slice(0, end)}; …`;
}

function whereOf(site: Site, to: To, { relation, workflowId, runId }: OpenIncident): Part {
  const known = relation !== null && site.repository.graph.byName.has(relation);
  const run = workflowId === null ? null : runAddress(site, { workflowId, runId: runId ?? '' });
  return html`${known && relation !== null ? html`<a href="${to('models', relation)}">${relation}</a> ` : null}
  ${run === null ? null : html`<a href="${run}">run</a>`}`;
}
