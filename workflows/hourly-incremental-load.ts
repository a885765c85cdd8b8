import type { PipelineInput } from './input.ts';
import { runPipeline, type PipelineResult } from './pipeline.ts';

const HOUR_MS = 3_600_000;

/**
 * Every hour: land what the sources delivered, and move it through silver to gold, each model through its gates.
 * A held gate waits twelve hours: longer than a night, shorter than the day its numbers are about.
 */
export async function hourlyIncrementalLoad(input?: PipelineInput): Promise<PipelineResult> {
  return await runPipeline({ pipeline: 'hourly', grainMs: HOUR_MS, holdForMs: 12 * HOUR_MS }, input);
}
