import { describe, expect, test } from 'vitest';
import {
  aboveShare,
  decideVerdict,
  orderedQuarantine,
  verdictSignature,
} from '../../expectations/verdict.ts';
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
    rowLevel: true,
    onFailure: severity === 'critical' ? 'hold' : 'continue',
    quarantineShare: 0.5,
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

describe('what happens to the data', () => {
  const rowAside = failing('warning', { index: 4, onFailure: 'quarantine', unexpectedCount: 3 });
  const table = { rowLevel: false, unexpectedCount: null, elementCount: null } as const;

  test('is apart from how loud it is', () => {
    const critical = decideVerdict(facts, [failing('critical', { onFailure: 'continue' })], null);
    expect(critical).toMatchObject({ outcome: 'fail', blocks: false, quarantine: null });
    const info = decideVerdict(facts, [failing('info', { onFailure: 'hold' })], null);
    expect(info).toMatchObject({ outcome: 'pass', blocks: true, quarantine: null });
  });

  test('all that blocks is quarantined: nobody is asked, whatever else failed and goes on', () => {
    const other = failing('critical', { index: 7, onFailure: 'quarantine', quarantineShare: 0.2 });
    const goesOn = failing('warning', { index: 2, ...table });
    expect(decideVerdict(facts, [goesOn, rowAside, other], null)).toMatchObject({
      outcome: 'fail',
      blocks: true,
      quarantine: { expectations: [4, 7], share: 0.5 },
    });
  });

  test.each([
    ['one that holds', [rowAside, failing('critical')], null],
    ['more rows than its own share', [rowAside, { ...rowAside, quarantineShare: 0.33 }], null],
    ['rows that were not counted', [{ ...rowAside, unexpectedCount: null }], null],
    ['a gate that could not be checked', [rowAside], 'no rows of stores'],
    ['nothing', [], null],
  ] as const)('%s beside it: nothing is set aside unasked', (_, failed, reason) => {
    expect(decideVerdict(facts, failed, reason).quarantine).toBeNull();
  });

  test('the promise that is above its share is named, where nothing else keeps its rows from going aside', () => {
    const above = { ...rowAside, index: 5, quarantineShare: 0.1 };
    expect(aboveShare({ failed: [rowAside, above], rows: 9 })).toBe(above);
    expect(aboveShare({ failed: [rowAside], rows: 9 })).toBeNull();
    expect(aboveShare({ failed: [above, failing('critical')], rows: 9 })).toBeNull();
  });

  test('a person may set aside the rows of all that blocks, whatever the share', () => {
    const held = failing('critical', { index: 1, unexpectedCount: 9 });
    const failed = [failing('warning', { index: 0, ...table }), held, rowAside];
    expect(orderedQuarantine({ failed, reason: null })).toEqual({ expectations: [1, 4], share: null });
  });

  test.each([
    ['the table as a whole', [rowAside, failing('critical', table)], null, 'is about the table as a whole'],
    ['an error', [failing('critical', { errored: true })], null, 'could not be evaluated'],
    ['no answer', [rowAside], 'no rows of stores', 'could not be checked'],
  ] as const)('but not for %s', (_, failed, reason, sentence) => {
    expect(orderedQuarantine({ failed, reason })).toContain(sentence);
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
    ['another fate of the data', [failing('critical', { onFailure: 'quarantine' })]],
    ['one more', [failing('critical'), failing('info', { column: 'y' })]],
    ['none', []],
  ])('differs for %s', (_, failed) => {
    expect(verdictSignature(decideVerdict(facts, failed, null))).not.toBe(first);
  });
});
