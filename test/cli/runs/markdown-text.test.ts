import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markdownText } from '../../../cli/runs/markdown-text.ts';
import { cell } from '../../../workflows/progress/text.ts';

/** Looks that can be read in an expectation. */
const marked = {
  bold: (text: string) => `<b>${text}</b>`,
  cyan: (text: string) => `<c>${text}</c>`,
  dim: (text: string) => `<d>${text}</d>`,
};
const uncoloured = { bold: String, cyan: String, dim: String };

const HELD = [
  '**HELD** · hourly load as of 2017-01-02T15:00:00.000Z · 1 held, 2 published',
  '',
  '',
  '## stg_transactions is held by its input gate (suite transactions)',
  'Since 2017-01-02T15:00Z, until 2017-01-02T16:00Z; then the run fails.',
  '',
  '| update | when | JSON |',
  '| --- | --- | --- |',
  '| retryGate | a parameter was mended | `{"verdictId":"6f1f","reason":"mended"}` |',
  '| abandon | give it up; `a\\|b` | `{"verdictId":"6f1f"}` |',
  '',
  '| | state | since | rows | now, then |',
  '| --- | --- | --- | --- | --- |',
  '| stg_transactions | **HELD** | 2\u00a0Jan\u00a015:00Z | 1,234 | input gate: 1 of 8; a decision |',
  '| fct_daily_sales | waiting | | | after stg_transactions |',
  '',
  '\u00a0',
].join('\n');

test('in a pipe: columns aligned, nothing wrapped, nothing of Markdown left', () => {
  expect(markdownText(HELD, undefined, uncoloured)).toBe(
    [
      'HELD · hourly load as of 2017-01-02T15:00:00.000Z · 1 held, 2 published',
      '',
      'stg_transactions is held by its input gate (suite transactions)',
      '───────────────────────────────────────────────────────────────',
      '',
      'Since 2017-01-02T15:00Z, until 2017-01-02T16:00Z; then the run fails.',
      '',
      'update     when                    JSON',
      'retryGate  a parameter was mended  {"verdictId":"6f1f","reason":"mended"}',
      'abandon    give it up; a|b         {"verdictId":"6f1f"}',
      '',
      '                  state    since         rows   now, then',
      'stg_transactions  HELD     2 Jan 15:00Z  1,234  input gate: 1 of 8; a decision',
      'fct_daily_sales   waiting                       after stg_transactions',
    ].join('\n'),
  );
});

test('in a narrow terminal words wrap, and code stays in one piece', () => {
  const text = markdownText(HELD, 68, uncoloured);
  expect(text).toContain(
    'retryGate  a parameter was    {"verdictId":"6f1f","reason":"mended"}\n           mended\n',
  );
  expect(text).toContain('stg_transactions  HELD     2 Jan 15:00Z  1,234  input');
  expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(68);
});

test('where columns do not fit side by side, each row has its own lines', () => {
  expect(markdownText(HELD, 40, marked)).toContain(
    [
      '<b>stg_transactions</b>',
      '  <d>state:</d> <b>HELD</b>',
      '  <d>since:</d> 2 Jan 15:00Z',
      '  <d>rows:</d> 1,234',
      '  <d>now, then:</d> input gate: 1 of 8; a',
      '    decision',
      '<b>fct_daily_sales</b>',
      '  <d>state:</d> waiting',
      '  <d>now, then:</d> after stg_transactions',
    ].join('\n'),
  );
});

test('a cell that would be wrapped into a tall tower is written beside its name', () => {
  const table =
    '| model | state | note |\n| --- | --- | --- |\n| stg | held | one two three four five six seven eight |';
  expect(markdownText(table, 34, uncoloured)).toContain('stg    held   one two three four');
  expect(markdownText(table, 20, uncoloured)).toBe(
    'stg\n  state: held\n  note: one two\n    three four\n    five six\n    seven eight',
  );
});

test('lists, code, bold, and links, which say the id that verbs take', () => {
  const backfill = [
    'Live: [2017-01-01T00Z](/namespaces/default/workflows/backfill-hourly-1a%2F2017-01-01T00%3A00Z) · **two**',
    '- Mend it, then `weir backfill  hourly` loads what is left; see [why](https://example.com/a)',
  ].join('\n');
  expect(markdownText(backfill, 44, marked)).toBe(
    [
      'Live: 2017-01-01T00Z',
      '(backfill-hourly-1a/2017-01-01T00:00Z) · <b>two</b>',
      '- Mend it, then <c>weir backfill  hourly</c> loads',
      '  what is left; see why',
      '  (https://example.com/a)',
    ].join('\n'),
  );
});

test('names that steer a terminal are shown and steer nothing', () => {
  const hostile = '\u001b[31mred\u001b]0;title\u0007\r\u009b2J\u202egnp\u2066\u0000\u007f';
  for (const width of [20, 80, Infinity]) {
    const text = markdownText(
      `**${hostile}**\n\n## ${hostile}\n- \`${hostile}\`\n\n| a | b |\n| --- | --- |\n| ${hostile} | [x](/namespaces/n/workflows/${encodeURIComponent(hostile)}) |`,
      width,
      uncoloured,
    );
    // oxlint-disable-next-line no-control-regex -- Those are what it is about.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    expect(text).toContain('red');
  }
});

test('whatever stands in a table, at any width: no letter of it is lost', () => {
  const word = fc.stringMatching(/^[a-z|*`[\]()é]{1,12}$/);
  const cells = fc.array(fc.array(word, { maxLength: 6 }), { minLength: 2, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.array(cells, { minLength: 1, maxLength: 5 }),
      fc.oneof(fc.integer({ min: 20, max: 120 }), fc.constant(Infinity)),
      (rows, width) => {
        const columns = Math.max(...rows.map(({ length }) => length));
        const line = (some: readonly string[]) => `| ${some.map(cell).join(' | ')} |`;
        const table = [
          line(Array.from({ length: columns }, () => 'head')),
          line(Array.from({ length: columns }, () => '---')),
          ...rows.map((row) => line(row.map((words) => words.join(' ')))),
        ].join('\n');
        const letters = (text: string) =>
          (text.match(/[a-zé]/g) ?? []).filter((one) => !'head'.includes(one)).toSorted();
        expect(letters(markdownText(table, width, uncoloured))).toEqual(letters(rows.flat(2).join(' ')));
      },
    ),
  );
});
