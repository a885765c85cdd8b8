import type { PipelineInput } from './input.ts';
import { runPipeline, type PipelineResult } from './pipeline.ts';

const DAY_MS = 86_400_000;

/**
 * Every day: make the dimensions what the operational systems say now, each through its gate. A held gate waits a
 * day, until the next refresh would meet the same rows.
 */
export async function dailyDimensionRefresh(input?: PipelineInput): Promise<PipelineResult> {
  return await runPipeline({ pipeline: 'daily', grainMs: DAY_MS, holdForMs: DAY_MS }, input);
}
