import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideOnFailure,
  DEFAULT_QUARANTINE_SHARE,
  onFailures,
  quarantineShareOf,
  unsaid,
} from '../../expectations/on-failure.ts';
import type { FailureRule } from '../../expectations/on-failure.ts';

const rule = fc.record<FailureRule>({
  onFailure: fc.constantFrom(null, ...onFailures),
  quarantineShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
});
const kind = fc.record({
  severity: fc.constantFrom('critical', 'warning', 'info'),
  rowLevel: fc.boolean(),
  errored: fc.boolean(),
});
const said = (onFailure: FailureRule['onFailure']): FailureRule => ({ ...unsaid, onFailure });

describe('what happens to the data', () => {
  test.each([
    ['critical', 'hold'],
    ['warning', 'continue'],
    ['info', 'continue'],
  ] as const)('where nothing is said, %s is %s', (severity, action) => {
    const nothing = [unsaid, unsaid, unsaid];
    for (const rowLevel of [true, false])
      for (const errored of [true, false])
        expect(decideOnFailure(nothing, { severity, rowLevel, errored })).toBe(action);
  });

  test('the nearest place decides: expectation over suite over header', () => {
    fc.assert(
      fc.property(fc.array(rule, { minLength: 3, maxLength: 3 }), kind, (rules, what) => {
        const row = { ...what, rowLevel: true, errored: false };
        const nearest = rules.find(({ onFailure }) => onFailure !== null)?.onFailure;
        expect(decideOnFailure(rules, row)).toBe(
          nearest ?? (what.severity === 'critical' ? 'hold' : 'continue'),
        );
      }),
    );
  });

  test('only rows that are known are quarantined', () => {
    fc.assert(
      fc.property(fc.array(rule), kind, (rules, what) => {
        const action = decideOnFailure(rules, what);
        expect(action === 'quarantine' && (!what.rowLevel || what.errored)).toBe(false);
      }),
    );
  });

  test('whoever asks for a stop gets one: nothing that was to hold or be quarantined goes on by an error', () => {
    fc.assert(
      fc.property(fc.array(rule), kind, (rules, what) => {
        const calm = decideOnFailure(rules, { ...what, errored: false });
        const errored = decideOnFailure(rules, { ...what, errored: true });
        expect(errored).toBe(calm === 'quarantine' ? 'hold' : calm);
      }),
    );
  });

  test('quarantine said of a suite passes over what is about the table as a whole', () => {
    const table = { severity: 'critical', rowLevel: false, errored: false } as const;
    expect(decideOnFailure([unsaid, said('quarantine'), unsaid], table)).toBe('hold');
    expect(decideOnFailure([unsaid, said('quarantine'), said('continue')], table)).toBe('continue');
    expect(decideOnFailure([unsaid, said('quarantine')], { ...table, severity: 'warning' })).toBe('continue');
  });
});

describe('the share up to which rows are set aside', () => {
  test('is the nearest that is said, 0 included', () => {
    fc.assert(
      fc.property(fc.array(rule), (rules) => {
        const nearest = rules.find(({ quarantineShare }) => quarantineShare !== null)?.quarantineShare;
        expect(quarantineShareOf(rules)).toBe(nearest ?? DEFAULT_QUARANTINE_SHARE);
      }),
    );
    expect(
      quarantineShareOf([
        { ...unsaid, quarantineShare: 0 },
        { ...unsaid, quarantineShare: 1 },
      ]),
    ).toBe(0);
  });
});
