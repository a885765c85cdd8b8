import { replayedLoad } from '../models/window.ts';
import type { Window } from '../models/window.ts';
import type { PublishedModel } from '../models/model.ts';
import type { OpenInput } from './open.ts';
import type { TakenSnapshot } from './snapshot.ts';

/** What the ledger says of every new load, whatever becomes of it. */
export function newLoad(model: PublishedModel, input: OpenInput, window: Window, taken: TakenSnapshot) {
  return {
    model: model.name,
    pipeline: input.pipeline,
    workflow_id: input.run.workflowId,
    run_id: input.run.runId,
    read_window: JSON.stringify(window),
    system_identifier: taken.systemIdentifier,
    timeline: taken.timeline,
    interval_start: input.interval?.start ?? null,
    interval_end: input.interval?.end ?? null,
    slot_end: window.kind === 'interval' || replayedLoad(window) !== null ? null : (input.slotEnd ?? null),
    as_of: input.asOf,
    sql_hash: model.sqlHash,
  };
}
