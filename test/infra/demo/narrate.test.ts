import { describe, expect, it } from 'vitest';
import { createNarrator, durationText, wantsColor } from '../../../infra/demo/narrate.ts';

function told(env: Record<string, string> = {}, isTTY = false) {
  let text = '';
  let nowMs = 0;
  const narrator = createNarrator({
    output: { write: (part) => void (text += part), isTTY },
    env,
    nowMs: () => nowMs,
  });
  return { narrator, pass: (ms: number) => void (nowMs += ms), text: () => text };
}

describe('the narrator', () => {
  it('tells steps, how long each took, and hours on one line', async () => {
    const { narrator, pass, text } = told();
    narrator.step(3, 'Two days land hour by hour');
    const line = narrator.hours('2017-01-06');
    line.mark('published');
    line.mark('empty');
    line.mark('held');
    pass(2_500);
    line.end('2 of 3');
    await narrator.during('waiting for the incident', async () => pass(400));
    narrator.end();
    expect(text()).toBe(
      [
        '',
        '3. Two days land hour by hour',
        '  ▪ published   · no basket: an empty window   ✗ held   ○ left what is held, published the rest',
        '  2017-01-06 ▪·✗ 2 of 3 (2.5 s)',
        '  waiting for the incident … 0.4 s',
        '  (2.9 s)',
        '',
        'The story took 2.9 s.',
        '',
      ].join('\n'),
    );
  });

  it('says what a wait was for when it fails', async () => {
    const { narrator, text } = told();
    await expect(narrator.during('starting', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(text()).toBe('  starting … failed after 0.0 s\n');
  });

  it('colours a terminal, never a pipe, and never against NO_COLOR', () => {
    const { narrator, text } = told({}, true);
    narrator.step(1, 'Begin');
    expect(text()).toContain('\u001b[');
    const write = () => undefined;
    expect(wantsColor({ output: { write, isTTY: true }, env: { NO_COLOR: '1' } })).toBe(false);
    expect(wantsColor({ output: { write, isTTY: true }, env: { NO_COLOR: '', TERM: 'xterm' } })).toBe(true);
    expect(wantsColor({ output: { write, isTTY: true }, env: { TERM: 'dumb' } })).toBe(false);
    expect(wantsColor({ output: { write }, env: {} })).toBe(false);
    expect(wantsColor({ output: { write }, env: { CI: 'true' } })).toBe(false);
    expect(wantsColor({ output: { write }, env: { FORCE_COLOR: '1' } })).toBe(true);
  });

  it('gives times as exactly as it matters', () => {
    expect([40, 9_900, 9_960, 59_400, 59_600, 185_000].map(durationText)).toEqual([
      '0.0 s',
      '9.9 s',
      '10 s',
      '59 s',
      '1 min 0 s',
      '3 min 5 s',
    ]);
  });
});
