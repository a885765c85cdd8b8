import { cutText } from '../notifiers/cut.ts';
import type { PageEvent } from '../notifiers/notifier.ts';
import { SUMMARY_LENGTH, type PageSetting } from './gate-event.ts';
import { brokenPromises, describe, loudestFirst, whichGate, whichRows } from './promise-words.ts';
import { fileLinks, gateRunLinks, runUrl } from './links.ts';
import type { GateWarnedPage } from './page-input.ts';

/** The change event of a gate that passes with warnings other than those of the load before. */
export function warnedEvent(page: GateWarnedPage, { environment, links, dedupKey }: PageSetting): PageEvent {
  const { verdict, model, run } = page;
  return {
    eventId: `${verdict.verdictId}/warned`,
    action: 'change',
    dedupKey,
    summary: cutText(`${model.name} passed with a warning: ${brokenPromises(verdict)}`, SUMMARY_LENGTH),
    source: `weir/${environment}/${model.name}`,
    severity: 'warning',
    timestamp: new Date().toISOString(),
    component: model.name,
    group: null,
    class: 'gate warned',
    owner: model.owner,
    tier: model.tier ?? null,
    details: {
      what_broke: loudestFirst(verdict.failed).map(describe),
      ...whichRows(verdict),
      what_happens:
        'the batch goes on as it is, and nobody is paged; told once while the same promises are warned of',
      as_of: verdict.asOf,
      owner: model.owner,
      ...whichGate(page),
    },
    links: [
      { href: runUrl(links, run), text: 'Run in the Temporal UI' },
      ...gateRunLinks(links, verdict.verdictId),
      ...fileLinks(links, 'Suite', `expectations/suites/${verdict.suite}.json`),
    ],
    clientUrl: runUrl(links, run),
  };
}
