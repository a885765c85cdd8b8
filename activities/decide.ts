import type { Databases } from './databases.ts';
import type { RunRef } from './run-ref.ts';

/** A decision about a held gate, as it goes into the audit log. */
export interface DecideInput {
  readonly verdictId: string;
  readonly decision: 'retryGate' | 'reloadAndRetry' | 'overrideGate' | 'quarantineAndContinue' | 'abandon';
  readonly reason: string;
  readonly by: string;
  readonly model: string;
  readonly loadId: number;
  readonly run: RunRef;
}

/**
 * Writes a decision into the append-only audit log, before it acts. A retried attempt may write the same decision
 * twice in the rare case that a commit's answer was lost; the log then shows it twice and nothing else happens.
 */
export function createDecide({ databases }: { readonly databases: Databases }) {
  return {
    async decide({ verdictId, decision, reason, by, model, loadId, run }: DecideInput): Promise<void> {
      await databases.loader
        .insertInto('control.decision')
        .values({
          verdict_id: verdictId,
          decision,
          reason,
          decided_by: by,
          model,
          load_id: loadId,
          workflow_id: run.workflowId,
          run_id: run.runId,
        })
        .execute();
    },
  };
}
