import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import { factList } from '../../parts/fact-list.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { momentText, numberText } from '../../parts/texts.ts';
import type { GateIncident, IncidentNow } from '../../read/gate-incident.ts';
import type { AboutRun } from './about-run.ts';

/** The incident of the gate as it is now, and what became of the pages about this verdict. */
export function incidentSection({ site, run }: AboutRun): Part {
  const { incident } = run;
  const { now, deliveries, dedupKey } = incident;
  if (now === null && deliveries.length === 0) return null;
  return section('The incident', 'incident', [
    now === null
      ? null
      : factList([
          ['state', stateWords(now, site.at)],
          ['of this verdict', shareOf(now)],
          ['severity', now.severity],
          ['failures', numberText(now.failures)],
          ...(now.owner === null ? [] : ([['owner', now.owner]] as const)),
          ['dedup key', html`<code>${dedupKey}</code>`],
          ...(now.memberOf === null ? [] : ([['told of by', html`<code>${now.memberOf}</code>`]] as const)),
        ]),
    deliveriesPart(incident, site.at),
  ]);
}

function stateWords({ state, openedAt, resolvedAt }: IncidentNow, now: Date): Part {
  return state === 'resolved' && resolvedAt !== null
    ? html`<strong>resolved</strong> ${momentText(resolvedAt, now)}`
    : html`<strong>open</strong> since ${momentText(openedAt, now)}`;
}

/** The key is the gate's: an incident of later may stand where that of an old verdict stood. */
function shareOf({ opened, met }: IncidentNow): string {
  if (opened) return met ? 'opened by it' : 'opened by it, met by others since';
  return met ? 'the last that it met' : 'opened by another verdict';
}

function deliveriesPart({ deliveries }: GateIncident, now: Date): Part {
  if (deliveries.length === 0) return null;
  return table({
    caption: 'Pages about this verdict',
    head: ['page', 'to', 'what became of it', 'when'],
    rows: deliveries.map(({ what, notifier, state, reason, attempts, at }) => [
      what,
      notifier,
      `${state}${attempts > 1 ? ` after ${attempts} attempts` : ''}${reason === null || state === 'sent' ? '' : `: ${reason}`}`,
      momentText(at, now),
    ]),
    none: '',
  });
}
