import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { failedSuites, gateState, type Progress } from '../progress.ts';
import * as attribute from '../search-attributes.ts';
import { renderDetails } from './details.ts';

/** Writes a run's progress to its current details and, where the run's state has changed, to its search attributes. */
export function showProgress(progress: Progress): () => void {
  let shown = 'running';
  return () => {
    setCurrentDetails(renderDetails(progress));
    const state = gateState(progress);
    const suites = failedSuites(progress);
    const now = [state, ...suites].join();
    if (now === shown) return;
    shown = now;
    upsertSearchAttributes([
      { key: attribute.gateState, value: state },
      { key: attribute.failedSuites, value: suites },
    ]);
  };
}
