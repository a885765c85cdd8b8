import { describe, expect, it } from 'vitest';
import { steeringFields } from '../../../workflows/backfill/updates.ts';

describe('what steers a backfill', () => {
  it.each([
    ['an address', { by: 'ada@example.com' }, /pause refused: by .*\[e-mail\].* would stay in the history/],
    ['a phone', { reason: 'asked +49 171 1234567', by: 'Ada' }, /reason .*\[phone\]/],
    ['a card', { reason: '4111 1111 1111 1111 came twice' }, /reason .*\[card\]/],
  ])('refuses %s, which would stay in the history', (_, input, message) => {
    expect(() => steeringFields('pause', input)).toThrow(message);
  });

  it('takes names, reasons and numbers as they are', () => {
    const input = { reason: 'the disk of 2017-01-02 is full', by: 'Ada', width: 8 };
    expect(steeringFields('pause', input)).toEqual(input);
  });
});
