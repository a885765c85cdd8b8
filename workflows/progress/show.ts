import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { failedSuites, gateState, type Progress } from '../progress.ts';
import * as attribute from '../search-attributes.ts';
import { renderDetails } from './details.ts';
import { keywords } from './keywords.ts';

/** Writes a run's progress to its current details and, where the run's state has changed, to its search attributes. */
export function showProgress(progress: Progress): () => void {
  let shown = 'running';
  return () => {
    setCurrentDetails(renderDetails(progress));
    const now = shownState(progress);
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
 * before, runs of earlier versions that are held do not replay.
 */
export function shownState(progress: Progress): string {
  return [gateState(progress), ...failedSuites(progress)].join();
}
