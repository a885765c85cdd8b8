import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';

/** Recorded histories, one a path through the workflow code. */
export const HISTORIES = path.resolve(import.meta.dirname, '..', 'workflows', 'histories');

/**
 * Keeps a run's history as a recorded path when WEIR_RECORD_HISTORIES is set: `WEIR_RECORD_HISTORIES=1 npm test` after a
 * deliberate change, otherwise the kept ones are what later code must still replay.
 */
export async function keepHistory(name: string, run: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  if (process.env['WEIR_RECORD_HISTORIES'] === undefined) return;
  await mkdir(HISTORIES, { recursive: true });
  await writeFile(path.join(HISTORIES, `${name}.json`), `${historyToJSON(await run.fetchHistory())}\n`);
}
