import type { ActivityInterceptorsFactory } from '@temporalio/worker';

/** What every entry about an activity says of it, beside what the SDK does. */
interface About {
  /** Which model, source or gate it is about. */
  readonly model?: string;
  readonly source?: string;
  readonly gate?: string;
  readonly suite?: string;
  readonly chore?: string;
  readonly loadId?: number;
  readonly verdictId?: string;
  /** Of a page: what it tells, whom, and of which run. The page itself is sent by the workflow of its incident. */
  readonly eventId?: string;
  readonly action?: string;
  readonly incident?: string;
  readonly receiver?: string;
  readonly aboutWorkflowId?: string;
  readonly aboutRunId?: string;
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
  const { model, source, gate, suite, loadId, verdictId, verdict, chore, event, to } = fieldsOf(input);
  const judged = fieldsOf(verdict);
  return {
    // A page about a gate says its model as part of what it tells.
    ...texts({ model: typeof model === 'string' ? model : (fieldsOf(model)['name'] ?? judged['model']) }),
    ...texts({ source, gate: gate ?? judged['gate'], suite: suite ?? judged['suite'], chore }),
    ...texts({ verdictId: verdictId ?? judged['verdictId'], receiver: to }),
    ...(typeof loadId === 'number' ? { loadId } : {}),
    ...(event === undefined ? {} : aboutEvent(fieldsOf(event))),
  };
}

/** What is sent, and the run to which its page leads. */
function aboutEvent({ eventId, action, dedupKey, component, clientUrl }: Fields): About {
  const [, ...run] =
    /\/workflows\/([^/?]+)\/([^/?]+)/.exec(typeof clientUrl === 'string' ? clientUrl : '') ?? [];
  const [aboutWorkflowId, aboutRunId] = run.map(decoded);
  return texts({ eventId, action, incident: dedupKey, model: component, aboutWorkflowId, aboutRunId });
}

/** What is no encoding stays as it is: a log line is no reason to fail. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Those that are text. */
function texts(fields: Fields): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

/** Words of a result that are codes of Weir's own; any other text of it could be somebody's value. */
const CODES = ['state', 'outcome', 'verdictId', 'incident'];

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

type Fields = Partial<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
