import { jsonPointer } from './json.ts';
import type { SuiteProblem } from './problem.ts';
import type { Suite } from './suite.ts';

const LACKING = {
  owner: 'who answers for the data, as text',
  runbook: 'what to do when it fails: a path in the repository or an address',
} as const;

/**
 * What a suite lacks to be a gate: what is critical wakes somebody, who has to know whose it is and what to do. Reading a
 * suite and `weir validate` do not ask for it.
 *
 * @param namedBy the model's file that names it.
 */
export function checkGateSuite(suite: Suite, namedBy: string): readonly SuiteProblem[] {
  const critical = suite.expectations.find(({ severity }) => severity === 'critical');
  if (critical === undefined) return [];
  return (['owner', 'runbook'] as const)
    .filter((key) => suite.weir[key] === null)
    .map((key) => ({
      file: suite.file,
      pointer: jsonPointer('meta', 'weir', key),
      problem: `the suite has no ${key}, is critical (${jsonPointer('expectations', critical.index)}) and a gate of ${namedBy}`,
      expected: LACKING[key],
      hint: `Write it into the suite: "meta": {"weir": {"owner": …, "runbook": …}}.`,
    }));
}
