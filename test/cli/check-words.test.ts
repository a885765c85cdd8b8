import type { ArgsDef } from 'citty';
import { describe, expect, it } from 'vitest';
import { checkWords } from '../../cli/check-words.ts';

const args: ArgsDef = {
  verdict: { type: 'positional', required: true, description: 'the verdict id' },
  reason: { type: 'string', required: true, description: 'why' },
  'as-of': { type: 'string' },
  json: { type: 'boolean' },
  proofs: { type: 'boolean', default: true },
};
const check = (...words: string[]) => checkWords('weir gate reload', args, words);

describe('the words of a command', () => {
  it.each([
    [['6f1f', '--reason', 'why not', '--json', '--no-proofs']],
    [['--reason=a=b', '6f1f', '--as-of', '2017-01-02T08:00:00Z']],
    [['--reason', '-5 degrees', '--', '6f1f']],
  ])('%j are taken', (words) => {
    expect(() => check(...words)).not.toThrow();
  });

  it.each([
    [['6f1f', '--reson', 'why'], 'weir gate reload has no --reson. Did you mean `--reason`?'],
    [['6f1f', '--reason', 'why', '--asOf', 'x'], 'has no --asOf. Did you mean `--as-of`?'],
    [['6f1f', '--reason', 'why', '--no-reason'], 'has no --no-reason'],
    [['6f1f', '--reason', 'why', '-j'], 'has no -j.'],
    [['6f1f', '--reason', 'why', '--constructor'], 'has no --constructor.'],
    [['6f1f', '--reason', 'source', 'delivered'], 'takes VERDICT: what is `delivered`? A value with spaces'],
    [['6f1f', '--reason'], 'needs a value for --reason (why)'],
    [['6f1f'], 'needs --reason (why)'],
    [['--reason', 'why'], 'needs VERDICT (the verdict id). `weir gate reload --help`'],
  ])('%j are refused', (words, said) => {
    expect(() => check(...words)).toThrow(said);
  });
});
