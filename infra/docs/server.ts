import { globSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import path from 'node:path';
import { renderMarkdown } from './markdown.ts';
import { docsPage, DOCS_SECURITY_POLICY, escapeHtml } from './page.ts';

/** Where the docs are served from. */
export interface DocsOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The repository; this one where left out. */
  readonly root?: string;
}

/** A running docs server. */
export interface Docs {
  /** `http://127.0.0.1:PORT`, to which a path of the repository is added. */
  readonly url: string;
  stop(): Promise<void>;
}

const PROJECT = path.resolve(import.meta.dirname, '..', '..');

/** What may be read: by folder, and there by the end of a name. */
const SERVED = [
  { folder: 'docs', kinds: ['.md', '.png', '.svg'] },
  { folder: 'expectations/suites', kinds: ['.json'] },
  { folder: 'models', kinds: ['.sql', '.md'] },
] as const;

const PICTURES: Readonly<Record<string, string>> = { '.png': 'image/png', '.svg': 'image/svg+xml' };

/**
 * Serves docs, suites and models of a repository for reading, Markdown as pages with GitHub's anchors: what a page to
 * on-call links to where no repository is on the web. Only on this machine, only to read, and nothing else of the disk.
 */
export async function startDocs({ port = 0, root = PROJECT }: DocsOptions = {}): Promise<Docs> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      sendPage(response, 405, 'Only to read', request.url ?? '/', '<h1>Only to read</h1>');
      return;
    }
    answer(root, request.url ?? '/', response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(root: string, url: string, response: ServerResponse): Promise<void> {
  const asked = pathOf(url);
  if (asked === '') return sendIndex(root, response);
  const file = asked === null ? null : await servedFile(root, asked);
  if (asked === null || file === null) return sendMissing(response, asked ?? url);
  const kind = path.extname(file);
  const picture = PICTURES[kind];
  const content = await readFile(file);
  if (picture !== undefined) {
    response.writeHead(200, { 'Content-Type': picture, 'Content-Security-Policy': DOCS_SECURITY_POLICY });
    response.end(content);
    return;
  }
  const text = content.toString('utf8');
  const { title, html } =
    kind === '.md'
      ? renderMarkdown(text)
      : { title: asked, html: `<pre><code>${escapeHtml(text)}</code></pre>` };
  sendPage(response, 200, title ?? asked, asked, html);
}

/** The path that an address asks for, without a slash at its ends; null where it is none. */
function pathOf(url: string): string | null {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/s, '')).replaceAll(/^\/+|\/+$/g, '');
  } catch {
    return null;
  }
}

/** The file of a path, where it may be read; null where it may not or is not there. Links out of a folder lead nowhere. */
async function servedFile(root: string, asked: string): Promise<string | null> {
  const place = SERVED.find(({ folder }) => asked.startsWith(`${folder}/`));
  if (place === undefined || !place.kinds.some((kind) => asked.endsWith(kind))) return null;
  if (/\0|\\|(?:^|\/)\.{1,2}(?:\/|$)/.test(asked)) return null;
  try {
    const folder = await realpath(path.join(root, place.folder));
    const file = await realpath(path.join(root, asked));
    return file.startsWith(`${folder}${path.sep}`) ? file : null;
  } catch {
    return null;
  }
}

function sendIndex(root: string, response: ServerResponse): void {
  const pages = globSync('docs/**/*.md', { cwd: root }).toSorted();
  const runbooks = pages.filter((page) => page.startsWith('docs/runbooks/'));
  const list = (some: readonly string[]) =>
    `<ul>${some.map((page) => `<li><a href="/${escapeHtml(encodeURI(page))}">${escapeHtml(page)}</a></li>`).join('')}</ul>`;
  const others = pages.filter((page) => !runbooks.includes(page));
  const body = `<h1>Weir's docs</h1><h2>Runbooks</h2>${list(runbooks)}<h2>All others</h2>${list(others)}`;
  sendPage(response, 200, "Weir's docs", 'docs', body);
}

function sendMissing(response: ServerResponse, asked: string): void {
  const folders = SERVED.map(({ folder }) => `<code>${folder}/</code>`).join(', ');
  const body = `<h1>Not here</h1><p>Only pages and pictures of ${folders} are shown here. Look for <code>${escapeHtml(asked)}</code> in the repository.</p>`;
  sendPage(response, 404, 'Not here', asked, body);
}

function sendPage(
  response: ServerResponse,
  status: number,
  title: string,
  where: string,
  body: string,
): void {
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': DOCS_SECURITY_POLICY,
    'Cache-Control': 'no-store',
  });
  response.end(docsPage(title, where, body));
}
