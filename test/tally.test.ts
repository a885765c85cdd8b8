import { describe, expect, test } from 'vitest';
import { tally, tallyLine } from './tally.ts';

const file = (status: string, ...tests: string[]): object => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
});

describe('the last line of npm test', () => {
  test('counts tests, not files', () => {
    const report = {
      success: false,
      testResults: [file('passed', 'passed', 'passed', 'skipped'), file('failed', 'failed', 'passed')],
    };
    expect(tally(report, 1)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  test('a file that cannot be loaded is a failure', () => {
    expect(
      tally({ success: false, testResults: [file('passed', 'passed'), file('failed')] }, 1),
    ).toMatchObject({ passed: 1, failed: 1 });
  });

  test.each([
    ['a crash without a report', null, 139],
    [
      'a tear-down that failed after the tests passed',
      { success: true, testResults: [file('passed', 'passed')] },
      1,
    ],
    ['a run that found no tests', { success: true, testResults: [] }, 0],
    ['a report that says no', { success: false, testResults: [file('passed', 'passed')] }, 0],
  ])('%s is a failure', (_what, report, code) => {
    expect(tally(report, code).failed).toBe(1);
  });

  test('names what was skipped only when something was', () => {
    expect(tallyLine({ passed: 2, failed: 0, skipped: 0 })).toBe('2 passed, 0 failed');
    expect(tallyLine({ passed: 2, failed: 1, skipped: 3 })).toBe('3 skipped\n2 passed, 1 failed');
  });
});
