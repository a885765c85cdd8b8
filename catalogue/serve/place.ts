import { pageFolders } from '../site.ts';
import type { PageFolder } from '../site.ts';

/** What a path of an address names. */
export type Place =
  | { readonly kind: 'page'; readonly folder: PageFolder; readonly id: string }
  /** A file at the site's root, such as its style. */
  | { readonly kind: 'file'; readonly file: string }
  /** The same place, written as links within it need it. */
  | { readonly kind: 'elsewhere'; readonly path: string }
  | { readonly kind: 'nowhere' };

/** The place of a path: `/models/dim_stores.html`, `/models/`, `/models`, `/`. */
export function placeOf(path: string): Place {
  const [, folder = '', name = ''] = /^\/(?:([^/]*)\/)?([^/]*)$/.exec(path) ?? [null, 'none', 'none'];
  const id = idOf(name);
  if (isFolder(folder) && id !== null) return { kind: 'page', folder, id };
  if (folder !== '') return { kind: 'nowhere' };
  if (isFolder(name)) return { kind: 'elsewhere', path: `/${name}/` };
  return { kind: 'file', file: name };
}

function isFolder(text: string): text is PageFolder {
  return pageFolders.some((folder) => folder === text);
}

/** `index` of an empty name; null of what is no page. */
function idOf(name: string): string | null {
  if (name === '') return 'index';
  if (!name.endsWith('.html')) return null;
  try {
    return decodeURIComponent(name.slice(0, -'.html'.length));
  } catch {
    return null;
  }
}
