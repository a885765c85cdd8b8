import { HtmlValidate } from 'html-validate';

/**
 * What is wrong with a document, by the standard and by what WCAG asks of markup.
 *
 * Left out: how it is written (blanks at the ends of lines, letters of `doctype`, `<br/>`), since no reader sees it.
 */
const validator = new HtmlValidate({
  extends: ['html-validate:standard', 'html-validate:a11y', 'html-validate:document'],
  rules: {
    'no-trailing-whitespace': 'off',
    'doctype-style': 'off',
    'void-style': 'off',
    // Each page has one; what is drawn has titles of its own.
    'long-title': 'off',
    // Everything is of one's own server.
    'require-sri': ['error', { target: 'crossorigin' }],
    'no-inline-style': 'error',
    'element-required-attributes': 'error',
    'no-dup-id': 'error',
    'valid-id': ['error', { relaxed: true }],
    'no-redundant-role': 'off',
    'prefer-native-element': 'off',
  },
});

/** One line a mistake: where, what, by which rule. */
export async function mistakesIn(document: string): Promise<readonly string[]> {
  const { results } = await validator.validateString(document);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, column, message, ruleId }) => `${line}:${column} ${message} (${ruleId})`),
  );
}
