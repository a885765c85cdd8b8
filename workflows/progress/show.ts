import { upsertSearchAttributes } from '@temporalio/workflow';
import { failedSuites, gateState, type Progress } from '../progress.ts';
import * as attribute from '../search-attributes.ts';
import { renderDetails } from './details.ts';
import { keywords } from './keywords.ts';
import { showDetails } from '../redaction.ts';

/**
 * Writes a run's progress to its current details and, where the run's state has changed, to its search attributes.
 *
 * @param told whether whoever started the run has told the server that it is running, as a backfill does of its
 *   intervals: then that is not written again.
 */
export function showProgress(progress: Progress, told: boolean): () => void {
  let shown = told ? shownState(progress, told) : '';
  return () => {
    showDetails(renderDetails(progress));
    const now = shownState(progress, told);
    if (now === shown) return;
    shown = now;
    upsertSearchAttributes([
      { key: attribute.gateState, value: gateState(progress) },
      { key: attribute.failedSuites, value: keywords(failedSuites(progress)) },
    ]);
  };
}

/**
 * What is compared to tell whether the search attributes are to be written. Part of the history: where it is another than
 * before, runs of earlier versions do not replay. Those wrote once before the plan and once after it.
 */
export function shownState(progress: Progress, told: boolean): string {
  const stage = told ? [] : [progress.planned ? 'planned' : 'planning'];
  return [...stage, gateState(progress), ...failedSuites(progress)].join();
}
