const written = Symbol('markup');

/** Markup whose texts are escaped already: only `html` and `trusted` make it. */
export interface Html {
  readonly [written]: string;
}

/** What a template may hold: text is escaped, markup stays as it is, null and false are nothing. */
export type Part = Html | string | number | null | false | readonly Part[];

/**
 * A template. The compiler refuses what would be printed by accident, an object or a promise; what is text cannot become
 * markup. Attributes stand in double quotes: `html`<a href="${url}">${name}</a>``.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return trusted(
    texts.reduce((before, text, index) => `${before}${markupOf(parts[index - 1] ?? null)}${text}`),
  );
}

/** Markup that another library wrote, which escapes its texts: Plot, in `charts/draw.ts`; the linter keeps all others out. */
export function trusted(markup: string): Html {
  return { [written]: markup };
}

/** Markup as text, to be sent or written. */
export function markupOf(part: Part): string {
  if (part === null || part === false) return '';
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return String(part);
  return isMarkup(part) ? part[written] : part.map(markupOf).join('');
}

function isMarkup(part: Html | readonly Part[]): part is Html {
  return written in part;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
