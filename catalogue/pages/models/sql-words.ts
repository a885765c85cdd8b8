import { loadModule, scanSync } from 'libpg-query';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';

// Postgres's own scanner is WebAssembly, ready once this has resolved.
await loadModule();

/** SQL with its keywords, texts, numbers and comments marked, as Postgres's own scanner tells them. */
export function sqlText(sql: string): Html {
  return html`<pre class="sql" tabindex="0"><code>${marked(sql)}</code></pre>`;
}

function marked(sql: string): Part {
  // The scanner counts bytes.
  const bytes = Buffer.from(sql);
  const parts: Part[] = [];
  let done = 0;
  for (const token of tokensOf(sql)) {
    const kind = kindOf(token);
    if (kind === null || token.start < done) continue;
    parts.push(bytes.toString('utf8', done, token.start));
    parts.push(html`<span class="${kind}">${bytes.toString('utf8', token.start, token.end)}</span>`);
    done = token.end;
  }
  return [...parts, bytes.toString('utf8', done)];
}

interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly tokenName: string;
  readonly keywordName: string;
}

/** None where it is no SQL that Postgres can read: it is shown as it is. */
function tokensOf(sql: string): readonly Token[] {
  try {
    return scanSync(sql).tokens;
  } catch {
    return [];
  }
}

/** Words of clauses that may name columns too; others (`date`, `value`) mostly do. */
const CLAUSES: ReadonlySet<string> = new Set([
  'by',
  'filter',
  'nulls',
  'over',
  'partition',
  'recursive',
  'within',
]);

function kindOf({ text, tokenName, keywordName }: Token): string | null {
  if (tokenName === 'SQL_COMMENT' || tokenName === 'C_COMMENT') return 'sql-comment';
  if (tokenName === 'SCONST' || tokenName === 'ICONST' || tokenName === 'FCONST') return 'sql-value';
  const isWord =
    keywordName === 'RESERVED_KEYWORD' ||
    keywordName === 'TYPE_FUNC_NAME_KEYWORD' ||
    (keywordName === 'UNRESERVED_KEYWORD' && CLAUSES.has(text.toLowerCase()));
  return isWord ? 'sql-word' : null;
}
