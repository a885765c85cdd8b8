import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resultPath, runTime, safeName, suitePath } from '../../../catalogue/data-docs/store-paths.ts';

describe('names in the store', () => {
  test.each([
    ['transactions', 'transactions'],
    ['shop.transactions', 'shop.transactions'],
    ['hourly-2017-01-01T10:00:00Z', /^hourly-2017-01-01T10-00-00Z-[0-9a-f]{8}$/],
    ['../../etc/passwd', /^etc-passwd-[0-9a-f]{8}$/],
    ['con', /^con-[0-9a-f]{8}$/],
    ['', /^[0-9a-f]{8}$/],
    ['日報', /^[0-9a-f]{8}$/],
  ])('of %j', (name, expected) => {
    expect(safeName(name)).toMatch(expected instanceof RegExp ? expected : new RegExp(`^${expected}$`));
  });

  test('are taken by every file system, are no way out of the folder, and stay apart', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.stringMatching(/^[./\\:a-c-]{0,9}$/),
      fc.constant('x'.repeat(400)),
    );
    fc.assert(
      fc.property(name, name, (one, other) => {
        const safe = safeName(one);
        expect(safe).toMatch(/^[A-Za-z0-9._-]{1,140}$/);
        expect(safe.split('.').every((part) => part !== '')).toBe(true);
        expect(safeName(safe)).toBe(safe);
        if (one !== other) expect(safeName(other)).not.toBe(safe);
        const path = resultPath({ suite: one, run: other, at: new Date(0), batch: one });
        expect(path).not.toMatch(/\/\.|\/\/|\\|:/);
      }),
    );
  });

  test('a run’s time is as Great Expectations writes it', () => {
    expect(runTime(new Date('2017-01-01T10:02:03.045Z'))).toBe('20170101T100203.045000Z');
  });

  test('a suite’s name is folders at its dots, as Great Expectations has them', () => {
    expect(suitePath('shop.transactions')).toBe('gx/expectations/shop/transactions.json');
  });
});
