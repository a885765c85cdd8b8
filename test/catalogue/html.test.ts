import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, markupOf, trusted } from '../../catalogue/html.ts';
import type { Part } from '../../catalogue/html.ts';

const texts = fc.letrec<{ part: Part }>((tie) => ({
  part: fc.oneof(
    fc.string(),
    fc.constantFrom('<script>', '" onload="', "'", '&amp;', '</td>'),
    fc.double(),
    fc.constantFrom(null, false as const),
    fc.array(tie('part'), { maxLength: 3 }),
  ),
})).part;

test('no text becomes markup, wherever it stands', () => {
  fc.assert(
    fc.property(texts, (part) => {
      expect(markupOf(html`<p title="${part}">${part}</p>`).replaceAll(/<\/?p|>$/g, '')).not.toMatch(/<|'/);
      expect(markupOf(html`<p title="${part}"></p>`).match(/"/g)).toHaveLength(2);
    }),
  );
});

test('markup stays as it is, and text can be read back from it', () => {
  expect(markupOf(html`<b>${trusted('<i>1</i>')}${html`<u>${'<'}</u>`}</b>`)).toBe(
    '<b><i>1</i><u>&lt;</u></b>',
  );
  expect(markupOf([null, false, 0, '', 'a'])).toBe('0a');
});
