import type { PageFolder, To } from './site.ts';

/**
 * Addresses as they stand in one page: relative and with `.html`, so that a folder opens from a disk, a server or a
 * path of one alike.
 *
 * @param depth how many folders below the front page the page is.
 */
export function addressesFrom(depth: number): To {
  return (folder, id = 'index', anchor) => {
    const file = `${'../'.repeat(depth)}${inFolder(folder, encodeURIComponent(id))}`;
    return anchor === undefined ? file : `${file}#${encodeURIComponent(anchor)}`;
  };
}

/** Where a page lies in a folder of files: `models/dim_stores.html`. @throws Error for an id that is no name of a file. */
export function fileOf(folder: PageFolder, id: string): string {
  if (!/^[^/\\.][^/\\]*$/.test(id)) throw new Error(`${JSON.stringify(id)} cannot be the name of a page`);
  return inFolder(folder, id);
}

function inFolder(folder: PageFolder, id: string): string {
  return `${folder === '' ? '' : `${folder}/`}${id}.html`;
}
