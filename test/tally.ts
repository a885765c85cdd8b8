/** Numbers of tests, as the last line of `npm test` says them. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts vitest's JSON report honestly: a file that could not be loaded is a failure, and so is a run that ended badly
 * without naming a test (a crash, a set-up or tear-down that failed), or that ran nothing.
 *
 * @param report what the JSON reporter wrote, parsed; null where it wrote nothing.
 * @param code vitest's exit code.
 */
export function tally(report: unknown, code: number): Tally {
  const files = list(report, 'testResults');
  let [passed, failed, skipped] = [0, 0, 0];
  for (const file of files) {
    const statuses = list(file, 'assertionResults').map((test) => text(test, 'status'));
    passed += statuses.filter((status) => status === 'passed').length;
    const failures = statuses.filter((status) => status === 'failed').length;
    failed += failures;
    skipped += statuses.filter((status) => status !== 'passed' && status !== 'failed').length;
    if (text(file, 'status') === 'failed' && failures === 0) failed += 1;
  }
  const silent = failed === 0 && (code !== 0 || passed === 0 || text(report, 'success') === 'false');
  return { passed, failed: silent ? 1 : failed, skipped };
}

/** The line itself; before it, where something was skipped, how much. */
export function tallyLine({ passed, failed, skipped }: Tally): string {
  return `${skipped > 0 ? `${skipped} skipped\n` : ''}${passed} passed, ${failed} failed`;
}

function list(value: unknown, key: string): readonly unknown[] {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return Array.isArray(found) ? found : [];
}

function text(value: unknown, key: string): string {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'string' || typeof found === 'boolean' ? String(found) : '';
}
