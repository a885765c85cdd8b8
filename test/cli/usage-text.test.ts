import { expect, test } from 'vitest';
import { usageText } from '../../cli/usage-text.ts';

const page = [
  '\u001b[90mDraft a suite. Of a table. Example: weir profile a.b Exit codes: 0 done. (weir profile)\u001b[39m',
  '',
  '\u001b[4mOPTIONS\u001b[24m',
  '  --out    a file. It is written   ',
  '\u001b[4mCOMMANDS\u001b[24m',
  '  list    What is held. Exit codes: 0 none.       ',
  '',
].join('\n');

test('a page of usage for a pipe', () => {
  expect(usageText(page, false)).toBe(
    'Draft a suite. Of a table.\nExample: weir profile a.b\nExit codes: 0 done.\n\n' +
      'OPTIONS\n  --out    a file. It is written\nCOMMANDS\n  list    What is held.\n',
  );
});

test('and in colour', () => {
  expect(usageText(page, true)).toContain('\u001b[4mCOMMANDS\u001b[24m\n  list    What is held.\n');
});
