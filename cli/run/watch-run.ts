import type { Client } from '@temporalio/client';
import { gateState, failedSuites } from '../../workflows/search-attributes.ts';
import { isWatched, withProgress } from '../progress.ts';

/** How often a run is asked how it stands while somebody watches, milliseconds. */
const EVERY_MS = 3_000;

/**
 * Waits for a run. On a terminal a line says meanwhile for how long, and what holds it: whoever waits for a run that is
 * held waits for himself. A pipe or log is told once, when it is held.
 */
export async function waitForRun<T>(
  client: Client,
  workflowId: string,
  result: () => Promise<T>,
): Promise<T> {
  let detail = '';
  let told = isWatched();
  const look = async (): Promise<void> => {
    const { typedSearchAttributes } = await client.workflow.getHandle(workflowId).describe();
    const suites = typedSearchAttributes.get(failedSuites) ?? [];
    const isHeld = typedSearchAttributes.get(gateState) === 'held';
    detail = isHeld ? `HELD by ${suites.join(', ')}: weir gate list` : '';
    if (told || !isHeld) return;
    told = true;
    process.stderr.write(`${detail}\n`);
  };
  // What cannot be seen now is seen the next time.
  const timer = setInterval(() => void look().catch(() => undefined), EVERY_MS);
  try {
    return await withProgress('running', result, () => detail);
  } finally {
    clearInterval(timer);
  }
}
