import type { Client } from '@temporalio/client';
import type { Databases } from './databases.ts';
import type { PageEvent } from './notifiers/notifier.ts';
import { alarmEvent } from './page/alarm-event.ts';
import { alarmDedupKey, gateDedupKey, runDedupKey } from './page/dedup-key.ts';
import { gateFacts, runFacts } from './page/facts.ts';
import { failedEvent } from './page/failed-event.ts';
import { heldEvent, passedEvent } from './page/gate-event.ts';
import { openIncident, resolveIncident, type IncidentRow } from './page/incident-row.ts';
import type { PageLinks } from './page/links.ts';
import type { AlarmPage, PageInput } from './page/page-input.ts';
import { runFailedEvent, runSucceededEvent } from './page/run-event.ts';
import { withoutValues } from './postgres-error.ts';

export type { PageLinks } from './page/links.ts';
export type * from './page/page-input.ts';

export interface PageResult {
  /** The dedup key of the incident that was told; null when there was none to resolve. */
  readonly incident: string | null;
}

/** How long an undelivered page is retried; for tests that cannot wait a day. */
export interface PageRetry {
  readonly retryForMs?: number;
  readonly firstRetryMs?: number;
}

/** The input of the `incident` workflow: one a dedup key. */
export interface IncidentInput extends PageRetry {
  readonly dedupKey: string;
  /** The queue of the `send` activity, apart from the loads'. */
  readonly pageTaskQueue: string;
  /** What an earlier run of this incident handed on when its history grew long. */
  readonly carried?: IncidentCarried;
}

/** What the next run of an incident has to know. */
export interface IncidentCarried {
  readonly seen: readonly string[];
  readonly lines: readonly string[];
  readonly open: boolean;
}

/** Name of the signal that hands the `incident` workflow an event. */
export const PAGE_SIGNAL = 'pageEvent';

export interface PageDeps {
  readonly databases: Databases;
  readonly client: Client;
  /** Names this installation in dedup keys: `production`, `demo`. */
  readonly environment: string;
  readonly taskQueue: string;
  readonly links: PageLinks;
  readonly retry?: PageRetry;
}

/** How long one call to Temporal may take while the incident's row is locked. */
const SIGNAL_DEADLINE_MS = 10_000;

/**
 * Makes the activity that opens and resolves incidents. It writes the incident's row and hands the event to the
 * key's `incident` workflow while that row is locked, so that two runs that speak of one incident do it one after
 * the other. A retry hands over the same event id, which the workflow sends once.
 */
export function createPage(deps: PageDeps) {
  const { databases, environment, links } = deps;
  return {
    async page(input: PageInput): Promise<PageResult> {
      return withoutValues(`page ${input.kind}`, async () => {
        switch (input.kind) {
          case 'gateHeld':
          case 'gateFailed': {
            const { model, verdict, run } = input;
            const dedupKey = gateDedupKey(environment, model.name, verdict.suite);
            const facts = await gateFacts(databases.loader, dedupKey, verdict);
            const row = { dedupKey, model: model.name, suite: verdict.suite, verdictId: verdict.verdictId };
            return trigger(
              deps,
              { ...row, kind: input.kind, run, firstFailedAt: facts.firstFailedAt },
              input.kind === 'gateHeld'
                ? heldEvent(input, { environment, links, dedupKey, facts })
                : failedEvent(input, { environment, links, dedupKey, facts }),
            );
          }
          case 'gatePassed': {
            const dedupKey = gateDedupKey(environment, input.model, input.suite);
            return resolve(deps, passedEvent(input, { environment, links, dedupKey }));
          }
          case 'runFailed': {
            const dedupKey = runDedupKey(environment, input.pipeline);
            const facts = await runFacts(databases.loader, dedupKey, input.pipeline);
            const row = { dedupKey, model: null, suite: null, verdictId: null };
            return trigger(
              deps,
              { ...row, kind: 'runFailed', run: input.run, firstFailedAt: facts.firstFailedAt },
              runFailedEvent(input, { environment, links, dedupKey, facts }),
            );
          }
          case 'runSucceeded': {
            const dedupKey = runDedupKey(environment, input.pipeline);
            return resolve(deps, runSucceededEvent(input, { environment, links, dedupKey }));
          }
          case 'alarm':
            return tellAlarm(deps, input);
        }
      });
    },
  };
}

async function tellAlarm(deps: PageDeps, page: AlarmPage): Promise<PageResult> {
  const { environment, links } = deps;
  const dedupKey = alarmDedupKey(environment, page.subject, page.alarm);
  const event = alarmEvent(page, { environment, links, dedupKey });
  // The books are what cannot be reached: the incident's workflow alone knows whether it is open.
  if (page.alarm === 'databaseUnreachable') return await tellWithoutBooks(deps, event);
  if (page.state === 'cleared') return await resolve(deps, event);
  const run = page.run ?? { workflowId: '', runId: '' };
  const row = { dedupKey, kind: page.alarm, model: page.relation, suite: null, verdictId: null };
  return await trigger(deps, { ...row, run, firstFailedAt: new Date() }, event);
}

async function tellWithoutBooks(deps: PageDeps, event: PageEvent): Promise<PageResult> {
  if (event.action === 'trigger') {
    await handOver(deps, event);
    return { incident: event.dedupKey };
  }
  try {
    await deps.client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
      deps.client.workflow.getHandle(`incident/${event.dedupKey}`).signal(PAGE_SIGNAL, event),
    );
    return { incident: event.dedupKey };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return { incident: null };
    throw error;
  }
}

async function trigger(deps: PageDeps, row: IncidentRow, event: PageEvent): Promise<PageResult> {
  await deps.databases.loader.transaction().execute(async (transaction) => {
    await openIncident(transaction, row);
    await handOver(deps, event);
  });
  return { incident: event.dedupKey };
}

async function resolve(deps: PageDeps, event: PageEvent): Promise<PageResult> {
  const wasOpen = await deps.databases.loader.transaction().execute(
    // Handed over before the row says so: a crash between the two resolves again, which does no harm.
    (transaction) => resolveIncident(transaction, event.dedupKey, () => handOver(deps, event)),
  );
  return { incident: wasOpen ? event.dedupKey : null };
}

async function handOver({ client, taskQueue, retry }: PageDeps, event: PageEvent): Promise<void> {
  const input: IncidentInput = { dedupKey: event.dedupKey, pageTaskQueue: `${taskQueue}-page`, ...retry };
  await client.withDeadline(Date.now() + SIGNAL_DEADLINE_MS, () =>
    client.workflow.signalWithStart('incident', {
      workflowId: `incident/${event.dedupKey}`,
      taskQueue,
      args: [input],
      signal: PAGE_SIGNAL,
      signalArgs: [event],
      staticSummary: event.dedupKey.slice(0, 200),
    }),
  );
}
