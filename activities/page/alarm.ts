import type { PageDeps } from '../page.ts';
import { alarmEvent } from './alarm-event.ts';
import { alarmDedupKey } from './dedup-key.ts';
import { handOver, handOverToOpen } from './hand-over.ts';
import { pageGraph } from './lineage.ts';
import type { AlarmPage } from './page-input.ts';
import { tellFailure, tellGood } from './tell.ts';

/** Tells that an alarm was raised or cleared; a warning is a change event and opens nothing. @returns the key of the incident that was told; null where none was. */
export async function tellAlarm(deps: PageDeps, page: AlarmPage): Promise<string | null> {
  const { environment, links } = deps;
  const { alarm, run, relation, owner, tier, severity } = page;
  const dedupKey = alarmDedupKey(environment, page.subject, alarm);
  const event = alarmEvent(page, { environment, links, dedupKey });
  // The books are what cannot be reached: the incident's workflow alone knows whether it is open.
  if (alarm === 'databaseUnreachable') {
    if (page.state === 'cleared') return (await handOverToOpen(deps, event)) ? dedupKey : null;
    await handOver(deps, event);
    return dedupKey;
  }
  if (page.state === 'raised' && severity === 'warning') {
    await handOver(deps, { ...event, action: 'change' });
    return null;
  }
  if (page.state === 'cleared') {
    return await tellGood(deps, { dedupKey, verdictId: null, event: () => event });
  }
  const graph = await pageGraph(deps.folders);
  const failed = {
    ...{ dedupKey, occasion: event.eventId, kind: alarm, model: relation, suite: null, pipeline: null },
    ...{
      verdictId: null,
      loadId: null,
      run,
      firstFailedAt: new Date(),
      relation,
      reads: graph.reads(relation),
    },
    ...{ owner, tier, severity, scope: null, event },
  };
  return await tellFailure(deps, failed, { graph, because: page.because, pressed: false });
}
