import { ApplicationFailure } from '@temporalio/workflow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkDecisionInput,
  DECISIONS,
  refusePersonal,
  refuseUnfilled,
  type DecisionName,
} from '../../workflows/decisions.ts';

const NAMES = Object.keys(DECISIONS).filter((name): name is DecisionName => name in DECISIONS);
const VERDICT = '7b0e6c1e-6f53-4a4e-9f0e-8f0a4c0b1a11';
const good = { verdictId: VERDICT, reason: 'two real wholesale orders', by: 'Ada' };

describe('what a decision says', () => {
  it.each(NAMES)('%s takes a verdict, a reason and a name, trimmed', (name) => {
    expect(checkDecisionInput(name, { ...good, reason: ` ${good.reason} `, by: ' Ada ' })).toEqual(good);
  });

  it.each<[string, DecisionName, unknown, RegExp]>([
    ['nothing at all', 'retryGate', undefined, /verdictId is missing; copy it from/],
    ['a list', 'retryGate', [], /verdictId is missing/],
    ['a verdict that is none', 'abandon', { ...good, verdictId: 7 }, /verdictId is missing/],
    ['a verdict as long as a book', 'abandon', { ...good, verdictId: 'v'.repeat(65) }, /too long/],
    ['no reason', 'reloadAndRetry', { verdictId: VERDICT }, /reason needs 1 or more letters; say why/],
    ['a reason of blanks', 'retryGate', { ...good, reason: '   ' }, /reason needs 1 or more letters/],
    [
      'an override with a word',
      'overrideGate',
      { ...good, reason: 'fine' },
      /reason needs 15 or more letters/,
    ],
    [
      'a reason as long as a book',
      'abandon',
      { ...good, reason: 'a'.repeat(1001) },
      /too long.*1000 letters/,
    ],
    ['a name of blanks', 'quarantineAndContinue', { ...good, by: ' ' }, /by is empty; give your name/],
    ['a name as long as a book', 'retryGate', { ...good, by: 'A'.repeat(101) }, /by is too long/],
    ['an override by nobody', 'overrideGate', { ...good, by: undefined }, /by is missing.*kept by name/],
    [
      'an override by the template',
      'overrideGate',
      { ...good, by: 'YOUR NAME' },
      /: YOUR NAME is to be filled in/,
    ],
    [
      'an override for the template’s reason',
      'overrideGate',
      { ...good, reason: 'WHY THESE ROWS MAY PASS' },
      /to be filled in/,
    ],
  ])('refuses %s, and says the mend', (_, name, input, message) => {
    expect(() => checkDecisionInput(name, input)).toThrow(message);
  });

  it.each([
    ['a card', { ...good, reason: 'paid with 4111 1111 1111 1111' }, /reason .* \[card\]/],
    ['an address', { ...good, by: 'ada@example.com' }, /by .* \[e-mail\].*give your name/],
    ['a phone', { ...good, reason: 'asked at (212) 555-0123' }, /reason .* \[phone\]/],
  ])('refuses %s, which would stay in the history', (_, input, message) => {
    expect(() => refusePersonal('overrideGate', input)).toThrow(message);
    expect(() => refusePersonal('overrideGate', good)).not.toThrow();
  });

  it.each<[DecisionName, Partial<typeof good>, RegExp]>([
    [
      'quarantineAndContinue',
      { reason: 'WHY THE REST MAY PASS' },
      /WHY THE REST MAY PASS is to be filled in/,
    ],
    ['quarantineAndContinue', { by: 'YOUR NAME' }, /YOUR NAME is to be filled in; say who you are/],
    ['abandon', { reason: 'WHY' }, /WHY is to be filled in; say why/],
    ['abandon', { by: 'YOUR NAME' }, /YOUR NAME is to be filled in/],
  ])('refuses %s with what the template has in the place of %j', (name, input, message) => {
    expect(() => refuseUnfilled(name, { ...good, ...input })).toThrow(message);
    expect(() => refuseUnfilled(name, good)).not.toThrow();
  });

  it('takes a reload as it is pasted: its reason says what was done', () => {
    const pasted = { ...good, reason: 'the source delivered again', by: 'YOUR NAME' };
    expect(() => refuseUnfilled('reloadAndRetry', pasted)).not.toThrow();
  });

  it('whatever comes, it is taken or refused as InvalidDecision, at once', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), fc.anything(), (name, input) => {
        try {
          const checked: unknown = checkDecisionInput(name, input);
          expect(checked).not.toBeInstanceOf(Promise);
        } catch (error) {
          expect(error).toBeInstanceOf(ApplicationFailure);
          expect(error).toMatchObject({ type: 'InvalidDecision', nonRetryable: true });
        }
      }),
    );
  });
});
