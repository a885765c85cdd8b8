import GithubSlugger from 'github-slugger';
import { Marked, type Token, type Tokens } from 'marked';

/** A page of Markdown as HTML. */
export interface Rendered {
  /** Its first heading, without markup. */
  readonly title: string | null;
  readonly html: string;
  /** What `#…` may name in it, in order: GitHub's anchors of its headings, and ids that it gives itself. */
  readonly anchors: readonly string[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/**
 * Renders GitHub's Markdown, each heading under the anchor that GitHub gives it. What a page holds as HTML stays as it
 * is: render files of the repository, and nothing else.
 *
 * @see https://github.com/Flet/github-slugger (the rules of anchors)
 */
export function renderMarkdown(text: string): Rendered {
  const slugger = new GithubSlugger();
  const anchors: string[] = [];
  const titles: string[] = [];
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }: Tokens.Heading): string {
        const plain = unescape(this.parser.parseInline(tokens, this.parser.textRenderer));
        const anchor = slugger.slug(plain);
        titles.push(plain);
        anchors.push(anchor);
        return `<h${depth} id="${anchor}"><a href="#${anchor}">${this.parser.parseInline(tokens)}</a></h${depth}>\n`;
      },
    },
    walkTokens(token: Token) {
      if (token.type !== 'html') return;
      for (const [, id = ''] of token.raw.matchAll(/<\w+[^>]*\s(?:id|name)="([^"]+)"/g)) anchors.push(id);
    },
  });
  const html = marked.parse(text, { async: false });
  return { title: titles[0] ?? null, html, anchors };
}

function unescape(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
