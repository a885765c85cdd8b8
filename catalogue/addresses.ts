import type { PageFolder, To } from './site.ts';

/**
 * Addresses as they stand in one page: relative and with `.html`, so that a folder opens from a disk, a server or a
 * path of one alike.
 *
 * @param depth how many folders below the front page the page is.
 */
export function addressesFrom(depth: number): To {
  return (folder, id = 'index', anchor) =>
    `${'../'.repeat(depth)}${fileOf(folder, id)}${anchor === undefined ? '' : `#${encodeURIComponent(anchor)}`}`;
}

/** Where a page lies in the site: `models/dim_stores.html`. */
export function fileOf(folder: PageFolder, id: string): string {
  return `${folder === '' ? '' : `${folder}/`}${encodeURIComponent(id)}.html`;
}
