import type { Site, To } from './site.ts';

/** The address of each verdict's page, null where a static site has none. */
export function verdictLinks(site: Pick<Site, 'hasPage'>, to: To): (verdictId: string) => string | null {
  return (verdictId) => (site.hasPage?.('gates', verdictId) === false ? null : to('gates', verdictId));
}
