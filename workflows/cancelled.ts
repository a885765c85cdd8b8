import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';

/**
 * Whether a failure is the run's own cancellation, or came while the run was being cancelled: what a station made of
 * being stopped is no failure of the run, and nobody is paged for it.
 */
export function isCancelled(failure: unknown): boolean {
  return isCancellation(failure) || CancellationScope.current().consideredCancelled;
}

/** What a cancelled run ends with, so that it is Cancelled and not Failed. */
export function cancellationOf(failure: unknown): unknown {
  return isCancellation(failure) ? failure : new CancelledFailure('The run was cancelled.');
}
