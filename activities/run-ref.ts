/** One execution of a workflow: its id is stable over a reset, its run id is not. */
export interface RunRef {
  readonly workflowId: string;
  readonly runId: string;
}
