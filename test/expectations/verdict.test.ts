import { describe, expect, test } from 'vitest';
import { decideVerdict, verdictSignature } from '../../expectations/verdict.ts';
import type { FailedExpectation, Severity } from '../../expectations/verdict.ts';

const facts = {
  model: 'm',
  gate: 'input',
  suite: 's',
  loadId: 1,
  asOf: '2017-01-01T00:00:00.000Z',
  rows: 9,
  evaluated: 3,
} as const;

function failing(severity: Severity, more: Partial<FailedExpectation> = {}): FailedExpectation {
  const words = { expected: 'x present', observed: '1 of 9 rows without a value' };
  return {
    index: 0,
    type: 't',
    column: 'x',
    severity,
    errored: false,
    ...words,
    unexpectedCount: 1,
    elementCount: 9,
    ...more,
  };
}

describe('decideVerdict', () => {
  test.each([
    [[], null, 'pass', false],
    [['info'], null, 'pass', false],
    [['info', 'warning'], null, 'warn', false],
    [['warning', 'critical'], null, 'fail', true],
    [[], 'no rows of stores', 'error', true],
    [['warning'], 'no rows of stores', 'error', true],
  ] as const)('%j and reason %j is %s', (severities, reason, outcome, blocks) => {
    expect(
      decideVerdict(
        facts,
        severities.map((severity) => failing(severity)),
        reason,
      ),
    ).toMatchObject({ outcome, blocks, reason });
  });

  test('one that could not be evaluated fails at its own severity', () => {
    expect(decideVerdict(facts, [failing('warning', { errored: true })], null).outcome).toBe('warn');
    expect(decideVerdict(facts, [failing('critical', { errored: true })], null).outcome).toBe('fail');
  });
});

describe('verdictSignature', () => {
  const first = verdictSignature(decideVerdict(facts, [failing('critical')], null));

  test('is the same for the same failures, whatever the as-of time', () => {
    expect(
      verdictSignature(
        decideVerdict({ ...facts, asOf: '2018-01-01T00:00:00.000Z' }, [failing('critical')], null),
      ),
    ).toBe(first);
  });

  test.each([
    ['another count', [failing('critical', { unexpectedCount: 2 })]],
    ['one more', [failing('critical'), failing('info', { column: 'y' })]],
    ['none', []],
  ])('differs for %s', (_, failed) => {
    expect(verdictSignature(decideVerdict(facts, failed, null))).not.toBe(first);
  });
});
