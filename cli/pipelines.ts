import { nearMiss } from '../expectations/suggestion.ts';
import { Failure } from './exit-codes.ts';

/** The pipelines that models name as their schedule. */
export const pipelines = ['minute', 'hourly', 'daily'] as const;

/** All of them, as help and errors name them. */
export const pipelineNames = 'minute, hourly and daily';
export type Pipeline = (typeof pipelines)[number];

/** A pipeline by name; null where none was named. @throws Failure (3) for any other name. */
export function checkPipeline(name: string | undefined): Pipeline | null {
  if (name === undefined) return null;
  const found = pipelines.find((one) => one === name);
  if (found !== undefined) return found;
  const said = [`there is no pipeline ${name}; there are ${pipelineNames}.`, nearMiss(name, pipelines)];
  throw new Failure(said.filter(Boolean).join(' '));
}
