import type { PipelineInput } from './input.ts';
import { runPipeline, type PipelineResult } from './pipeline.ts';

const MINUTE_MS = 60_000;

/**
 * Every minute, where a model says `schedule: minute`: land what its sources delivered and publish it, each model through
 * its gates. A held gate waits an hour: the runs of the next minutes leave its model meanwhile. One that another run
 * still loads they leave as well.
 */
export async function minuteIncrementalLoad(input?: PipelineInput): Promise<PipelineResult> {
  return await runPipeline(
    { pipeline: 'minute', grainMs: MINUTE_MS, holdForMs: 60 * MINUTE_MS, leavesBusy: true },
    input,
  );
}
