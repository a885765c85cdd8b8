import type { Client } from '@temporalio/client';
import type { PageEvent } from '../notifiers/notifier.ts';
import type { IncidentInput, PageRetry } from '../page.ts';

/** How an event reaches the workflow of its incident. */
export interface HandOverDeps {
  readonly client: Client;
  readonly taskQueue: string;
  readonly retry?: PageRetry;
}

/** Name of the signal that hands the `incident` workflow an event. */
export const PAGE_SIGNAL = 'pageEvent';

/** How long one call to Temporal may take while pages wait for each other. */
const DEADLINE_MS = 10_000;

/** Hands an event to the workflow of its incident, and starts that where there is none. */
export async function handOver({ client, taskQueue, retry }: HandOverDeps, event: PageEvent): Promise<void> {
  const input: IncidentInput = { dedupKey: event.dedupKey, pageTaskQueue: `${taskQueue}-page`, ...retry };
  await client.withDeadline(Date.now() + DEADLINE_MS, () =>
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

/**
 * Hands an event to the workflow of an incident that is open; also where that has failed for somebody who was not told:
 * others were.
 *
 * @returns false where there is none.
 */
export async function handOverToOpen(deps: HandOverDeps, event: PageEvent): Promise<boolean> {
  const { client } = deps;
  const handle = client.workflow.getHandle(`incident/${event.dedupKey}`);
  try {
    await client.withDeadline(Date.now() + DEADLINE_MS, () => handle.signal(PAGE_SIGNAL, event));
    return true;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const status = await statusOf(deps, event.dedupKey);
  if (status !== 'FAILED' && status !== 'TERMINATED') return false;
  await handOver(deps, event);
  return true;
}

/** Whether the workflow of an incident is at work: something was handed over that is not told and resolved yet. */
export async function isAtWork(deps: HandOverDeps, dedupKey: string): Promise<boolean> {
  return (await statusOf(deps, dedupKey)) === 'RUNNING';
}

async function statusOf({ client }: HandOverDeps, dedupKey: string): Promise<string | null> {
  try {
    const { status } = await client.withDeadline(Date.now() + DEADLINE_MS, () =>
      client.workflow.getHandle(`incident/${dedupKey}`).describe(),
    );
    return status.name;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'WorkflowNotFoundError';
}
