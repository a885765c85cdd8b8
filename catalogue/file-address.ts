import type { CatalogueLinks } from './site.ts';

/** Where a file of the repository, or an address in its place, leads; null where the repository is not on the web. */
export function fileAddress(
  { repositoryUrl }: Pick<CatalogueLinks, 'repositoryUrl'>,
  path: string,
): string | null {
  if (/^https?:\/\//.test(path)) return path;
  return repositoryUrl === null ? null : `${repositoryUrl.replace(/\/$/, '')}/${path}`;
}
