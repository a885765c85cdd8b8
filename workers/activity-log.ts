import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** What every entry about an activity says of it, beside what the SDK does: which model, source or gate it is about. */
interface About {
  readonly model?: string;
  readonly source?: string;
  readonly gate?: string;
  readonly loadId?: number;
}

/**
 * Logs the end of each activity with how long it took and what it counted, and gives every entry about it the model it
 * is about. The SDK itself logs its begin (debug) and its failure (warning).
 */
export const activityLog: ActivityInterceptorsFactory = (context) => {
  let about: About = {};
  return {
    inbound: {
      execute: async (input, next) => {
        about = aboutOf(input.args[0]);
        const began = performance.now();
        const result = await next(input);
        const durationMs = Math.round(performance.now() - began);
        context.log.info(`${context.info.activityType} done`, { durationMs, counts: countsOf(result) });
        return result;
      },
    },
    outbound: {
      getLogAttributes: (attributes, next) => next({ ...attributes, ...about }),
    },
  };
};

function aboutOf(input: unknown): About {
  const { model, source, gate, loadId, verdict, chore }: Partial<Record<string, unknown>> = fieldsOf(input);
  // A page about a gate says its model as part of what it tells.
  const named = typeof model === 'string' ? model : (fieldsOf(model)['name'] ?? fieldsOf(verdict)['model']);
  return {
    ...(typeof named === 'string' ? { model: named } : {}),
    ...(typeof source === 'string' ? { source } : {}),
    ...(typeof gate === 'string' ? { gate } : {}),
    ...(typeof chore === 'string' ? { chore } : {}),
    ...(typeof loadId === 'number' ? { loadId } : {}),
  };
}

/** Words of a result that are codes of Weir's own; any other text of it could be somebody's value. */
const CODES = ['state', 'outcome', 'verdictId'];

/** A result's numbers, flags and codes. */
function countsOf(result: unknown): Record<string, unknown> {
  const counted = Object.entries(fieldsOf(result)).filter(
    ([name, value]) =>
      typeof value === 'number' ||
      typeof value === 'boolean' ||
      (typeof value === 'string' && CODES.includes(name)),
  );
  return Object.fromEntries(counted);
}

function fieldsOf(value: unknown): Partial<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
