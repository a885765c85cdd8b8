import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { backfillDetails } from './details.ts';
import type { Drive } from './drive.ts';
import { cutTo } from '../progress/text.ts';
import { reportOf, type BackfillReport } from './report.ts';
import * as attribute from '../search-attributes.ts';
import { showDetails } from '../redaction.ts';

/** What the Temporal UI still shows at once: a preview of very many models is longer. */
const DETAILS_BYTES = 19_000;

/**
 * Writes where a backfill stands to its current details; to its search attributes only what has changed.
 *
 * @param is from now on; as before when left out.
 */
export function showBackfill(drive: Drive, is: BackfillReport['state'] = drive.is): void {
  const { state, request } = drive;
  drive.is = is;
  const report = reportOf(state, request, Date.now(), is);
  showDetails(cutTo(DETAILS_BYTES, backfillDetails(report, request, workflowInfo(), state.steered)));
  const gateState = gateStateOf(report);
  if (gateState === drive.shown) return;
  drive.shown = gateState;
  upsertSearchAttributes([{ key: attribute.gateState, value: gateState }]);
}

function gateStateOf({ state, held }: BackfillReport): 'running' | 'held' | 'failed' | 'passed' {
  if (state === 'failed' || state === 'cancelled') return 'failed';
  if (state === 'looking' || state === 'loading' || state === 'paused')
    return held.length > 0 ? 'held' : 'running';
  return 'passed';
}
