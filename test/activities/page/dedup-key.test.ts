import { expect, test } from 'vitest';
import { cutDedupKey, gateDedupKey, runDedupKey } from '../../../activities/page/dedup-key.ts';

test('names environment, model and suite, and neither run nor interval', () => {
  expect(gateDedupKey('demo', 'stg_transactions', 'transactions')).toBe(
    'weir/demo/stg_transactions/transactions',
  );
  expect(runDedupKey('demo', 'hourly')).toBe('weir/demo/hourly/run');
});

test('keeps a key of 255 characters and hashes the tail of a longer one', () => {
  const fits = 'k'.repeat(255);
  expect(cutDedupKey(fits)).toBe(fits);
  const [one, other] = [cutDedupKey(`${fits}1`), cutDedupKey(`${fits}2`)];
  expect([one.length, other.length]).toEqual([255, 255]);
  expect(one).not.toBe(other);
  expect(cutDedupKey(one)).toBe(one);
});
