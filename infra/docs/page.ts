import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #3a3f47); --soft: light-dark(#f4f5f7, #1f2329);
  --blue: light-dark(#0b57b0, #8ab8ff); --dim: light-dark(#5b6470, #9aa4b1); }
body { font: 16px/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 54rem; padding: 1rem 1rem 60vh; overflow-wrap: anywhere;
  background: light-dark(#fff, #14171b); color: light-dark(#1a1d21, #e8eaed); }
h1, h2, h3 { line-height: 1.3; margin: 1.6rem 0 .5rem; } h1 a, h2 a, h3 a, h4 a { color: inherit; text-decoration: none; }
:target { background: light-dark(#fff3c4, #4a3d10); } a { color: var(--blue); } nav { color: var(--dim); }
code, pre { font: .87rem/1.5 ui-monospace, monospace; background: var(--soft); border-radius: .3rem; }
code { padding: .1rem .3rem; } pre { padding: .7rem .9rem; white-space: pre-wrap; } pre code { padding: 0; }
table { border-collapse: collapse; display: block; overflow-x: auto; overflow-wrap: normal; }
th, td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top; } th { background: var(--soft); }
img { max-width: 100%; border: 1px solid var(--line); border-radius: .3rem; }
`;

/** Nothing but our own style and pictures. */
export const DOCS_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A whole page. @param title text; @param where the file's path, text; @param body HTML */
export function docsPage(title: string, where: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>${STYLE}</style></head><body><nav><a href="/">All pages</a> · ${escapeHtml(where)}</nav>${body}</body></html>`;
}

/** Text as HTML. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
