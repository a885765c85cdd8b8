import { html, markupOf } from './html.ts';
import type { Html } from './html.ts';
import { addressesFrom } from './addresses.ts';
import { clockText, dayText, wholeText } from './parts/texts.ts';
import { pageFolders } from './site.ts';
import type { Page, PageFolder, PageKind, Site, To } from './site.ts';

/** A page in its frame. */
export interface Framed {
  readonly site: Pick<Site, 'at' | 'environment'>;
  readonly kinds: readonly PageKind[];
  /** Where the page is, for the navigation; null of one that is nowhere, such as of an error. */
  readonly folder: PageFolder | null;
  readonly id: string;
  /** How many folders below the front page it is asked for; as its folder says where left out. */
  readonly depth?: number;
  readonly page: Page;
}

/** A whole document: head, navigation, the page, and how old it is. */
export function frame(framed: Framed): string {
  const { site, folder, page } = framed;
  const to = addressesFrom(framed.depth ?? (folder === null || folder === '' ? 0 : 1));
  const root = to('').replace(/index\.html$/, '');
  const document = html`<!doctype html>
    <html lang="en-GB">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title} · Weir ${site.environment}</title>
        <link rel="icon" href="${ICON}" />
        <link rel="stylesheet" href="${root}style.css" />
        <script src="${root}site.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#page">Skip to the page</a>
        ${header(framed, to)}
        <main id="page" tabindex="-1">
          <h1>${page.title}</h1>
          ${page.lead === null ? null : html`<p class="lead">${page.lead}</p>`} ${page.body}
        </main>
        <footer class="foot">
          <p>Made ${wholeText(site.at)}. Counts, shares and names: no page of the catalogue shows a row.</p>
        </footer>
      </body>
    </html>`;
  return `${markupOf(document)}\n`;
}

function header({ site, kinds, folder, id }: Framed, to: To): Html {
  return html`<header class="head">
    <p class="brand">Weir <span class="environment">${site.environment}</span></p>
    <nav aria-label="Catalogue">
      <ul>
        ${inOrder(kinds).map((kind) => html`<li>${entry(kind, folder, id, to)}</li>`)}
      </ul>
    </nav>
    <p class="age">as of ${moment(site.at)}</p>
  </header>`;
}

function inOrder(kinds: readonly PageKind[]): readonly PageKind[] {
  return kinds.toSorted((one, other) => pageFolders.indexOf(one.folder) - pageFolders.indexOf(other.folder));
}

function moment(at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${dayText(at).slice(0, -5)} ${clockText(at, at)}</time>`;
}

function entry(kind: PageKind, folder: PageFolder | null, id: string, to: To): Html {
  const address = to(kind.folder);
  if (kind.folder !== folder) return html`<a href="${address}">${kind.name}</a>`;
  return id === 'index'
    ? html`<a href="${address}" aria-current="page">${kind.name}</a>`
    : html`<a href="${address}" aria-current="true">${kind.name}</a>`;
}

/** A weir with water over it. In the page itself: nothing is fetched for it. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0b5a7d"/><path d="M2 5c2 0 2 1 4 1s2-1 4-1 2 1 4 1M7 6v8h7v-3c-4 0-4-2-4-5" fill="none" stroke="#fff" stroke-width="1.6"/></svg>',
)}`;
