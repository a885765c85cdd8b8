import { cutText } from '../notifiers/cut.ts';
import type { PageEvent } from '../notifiers/notifier.ts';
import { SUMMARY_LENGTH, type PageSetting } from './gate-event.ts';
import { fileLinks, runUrl } from './links.ts';
import type { AlarmName, AlarmPage } from './page-input.ts';

/** What a responder calls each alarm, as `class` of its events. */
export const ALARM_CLASS: Readonly<Record<AlarmName, string>> = {
  freshness: 'freshness objective',
  availability: 'availability objective',
  runEnded: 'run ended',
  tasksFailing: 'workflow tasks failing',
  scheduleMissed: 'schedule missed',
  sourceSilent: 'source silent',
  databaseUnreachable: 'database unreachable',
};

/** The event of an alarm, raised or cleared: what its watcher says, with the links that every page has. */
export function alarmEvent(page: AlarmPage, { environment, links, dedupKey }: PageSetting): PageEvent {
  const { alarm, state, subject, occasion, run, runbook } = page;
  const raised = state === 'raised';
  return {
    eventId: `${dedupKey}/${occasion}/${state}`,
    action: raised ? 'trigger' : 'resolve',
    dedupKey,
    summary: cutText(page.summary, SUMMARY_LENGTH),
    source: `weir/${environment}/${subject}`,
    severity: raised ? page.severity : 'info',
    timestamp: new Date().toISOString(),
    component: subject,
    group: null,
    class: ALARM_CLASS[alarm],
    owner: page.owner,
    tier: page.tier,
    details: {
      ...page.details,
      ...(page.owner === null ? {} : { owner: page.owner }),
      ...(page.tier === null ? {} : { tier: page.tier }),
      runbook,
      ...(run === null ? {} : { run: `${run.workflowId} / ${run.runId}` }),
    },
    links: [
      ...(run === null ? [] : [{ href: runUrl(links, run), text: 'Run in the Temporal UI' }]),
      ...fileLinks(links, 'Runbook', runbook),
    ],
    clientUrl: run === null || !raised ? null : runUrl(links, run),
  };
}
