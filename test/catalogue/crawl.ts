import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';

/** One page of a static site. */
export interface CrawledPage {
  /** Below the site's folder: `models/dim_stores.html`. */
  readonly file: string;
  readonly text: string;
  readonly gzippedBytes: number;
  readonly ids: ReadonlySet<string>;
  /** Addresses of links, pictures, styles and scripts, as they are written. */
  readonly addresses: readonly string[];
}

/** Reads every page of a folder. */
export function crawl(folder: string): readonly CrawledPage[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .toSorted()
    .map((file) => {
      const text = readFileSync(path.join(folder, file), 'utf8');
      const { document } = parseHTML(text);
      const found = [...document.querySelectorAll('[href], [src], a, use')];
      return {
        file,
        text,
        gzippedBytes: gzipSync(text).length,
        ids: new Set([...document.querySelectorAll('[id]')].map(({ id }) => id)),
        addresses: found.flatMap((element) =>
          ['href', 'src', 'xlink:href'].flatMap((name) => element.getAttribute(name) ?? []),
        ),
      };
    });
}

/** Links of a site that lead to no file of it, or to a place that its page does not have: `from → address`. */
export function brokenLinks(pages: readonly CrawledPage[], otherFiles: readonly string[]): readonly string[] {
  const byFile = new Map(pages.map((page) => [page.file, page]));
  return pages.flatMap(({ file, addresses }) =>
    addresses.filter((address) => !leadsSomewhere(file, address)).map((address) => `${file} → ${address}`),
  );

  function leadsSomewhere(from: string, address: string): boolean {
    if (isOutside(address)) return true;
    const url = new URL(address, `http://site/${from.split(path.sep).map(encodeURIComponent).join('/')}`);
    const file = decodeURIComponent(url.pathname.slice(1));
    if (otherFiles.includes(file)) return true;
    const page = byFile.get(file) ?? byFile.get(encodeURIComponent(file));
    return page !== undefined && (url.hash === '' || page.ids.has(decodeURIComponent(url.hash.slice(1))));
  }
}

/** Links to other servers, or data within the page itself. */
export function isOutside(address: string): boolean {
  return /^(https?|data|mailto):/.test(address);
}
