// Workflow code as it must not be, for test/workflows/faults.temporal.test.ts. The linter refuses each of these in
// workflows/ (test/lint.test.ts).
import { condition, defineUpdate, setHandler, sleep, upsertSearchAttributes } from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';

/** Throws what is no failure of Temporal's. */
export async function throwsPlainError(): Promise<void> {
  await sleep(1);
  throw new TypeError('plan is undefined');
}

/** The version before {@link throwsPlainError}, which went on where that breaks. */
export async function sleepsTwice(): Promise<void> {
  await sleep(1);
  await sleep(1);
}

/** Names an attribute that nobody has registered. */
export async function namesUnregistered(): Promise<void> {
  upsertSearchAttributes([{ key: defineSearchAttributeKey('WeirNobodyKnows', 'KEYWORD'), value: 'x' }]);
  await sleep(1);
}

export const decide = defineUpdate<string, [string]>('decide');

/** Has a validator that is async: what it refuses, it refuses when nobody listens any more. */
export async function validatesLater(): Promise<void> {
  let decided = false;
  setHandler(
    decide,
    (what) => {
      decided = true;
      return what;
    },
    {
      // oxlint-disable-next-line typescript/no-misused-promises -- The fault.
      validator: async (what) => {
        await Promise.resolve();
        if (what === 'wrong') throw new Error('refused');
      },
    },
  );
  await condition(() => decided);
}

/** An update handler that breaks: its caller is told, and the workflow goes on. */
export async function handlerBreaks(): Promise<string> {
  let asked = 0;
  setHandler(decide, (what) => {
    asked += 1;
    if (what === 'wrong') throw new Error('x is not a function');
    return what;
  });
  await condition(() => asked > 1);
  return 'went on';
}
