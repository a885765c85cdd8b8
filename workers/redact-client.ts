import type { WorkflowClientInterceptor } from '@temporalio/client';
import { redactJson, redactText } from '../expectations/redact.ts';

/**
 * What a client sends to a workflow stays in its history: inputs, signals, updates (a decision's reason is typed by a
 * person) and summaries leave without what looks like a card number, an e-mail address or a phone number.
 */
export const redactSent: WorkflowClientInterceptor = {
  startWithDetails: (input, next) => next({ ...input, options: redactedOptions(input.options) }),
  signalWithStart: (input, next) =>
    next({ ...input, options: redactedOptions(input.options), signalArgs: redactedList(input.signalArgs) }),
  signal: (input, next) => next({ ...input, args: redactedList(input.args) }),
  startUpdate: (input, next) => next({ ...input, args: redactedList(input.args) }),
};

function redactedOptions<
  Options extends {
    readonly args: unknown[];
    readonly staticSummary?: string;
    readonly staticDetails?: string;
  },
>(options: Options): Options {
  const { staticSummary, staticDetails } = options;
  return {
    ...options,
    args: redactedList(options.args),
    ...(staticSummary === undefined ? {} : { staticSummary: redactText(staticSummary) }),
    ...(staticDetails === undefined ? {} : { staticDetails: redactText(staticDetails) }),
  };
}

function redactedList(args: unknown[]): unknown[] {
  return args.map((one) => redactJson(one));
}
