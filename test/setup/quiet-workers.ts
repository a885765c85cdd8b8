import { DefaultLogger, Runtime } from '@temporalio/worker';

let isQuiet = false;

/** Failures are what these tests provoke: the worker's log would bury their report. */
export function quietWorkers(): void {
  if (isQuiet) return;
  isQuiet = true;
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
}
