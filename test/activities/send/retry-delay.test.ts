import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retryDelayMs } from '../../../activities/send/retry-delay.ts';

const anyAsk = fc.record({
  attempt: fc.integer({ min: 1, max: 10_000 }),
  firstMs: fc.integer({ min: 1, max: 60_000 }),
  random: fc.double({ min: 0, max: 1, noNaN: true }),
});

test('never before a service asked for, and at most a fifth later', () => {
  fc.assert(
    fc.property(anyAsk, fc.integer({ min: 0, max: 3_600_000 }), (ask, retryAfterMs) => {
      const delay = retryDelayMs({ ...ask, retryAfterMs });
      expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
      expect(delay).toBeLessThanOrEqual(Math.round(retryAfterMs * 1.2));
    }),
  );
});

test('doubles up to ten minutes, and is spread over a half of it', () => {
  fc.assert(
    fc.property(anyAsk, (ask) => {
      const most = Math.min(ask.firstMs * 2 ** Math.min(ask.attempt - 1, 30), 600_000);
      const delay = retryDelayMs({ ...ask, retryAfterMs: null });
      expect(delay).toBeGreaterThanOrEqual(Math.floor(most / 2));
      expect(delay).toBeLessThanOrEqual(most);
    }),
  );
  const at = (random: number): number =>
    retryDelayMs({ attempt: 4, firstMs: 5_000, retryAfterMs: null, random });
  expect([at(0), at(0.5), at(1)]).toEqual([40_000, 30_000, 20_000]);
});
