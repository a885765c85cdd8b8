import type { PageLink } from '../notifiers/notifier.ts';
import type { RunRef } from '../run-ref.ts';

/** Where the links of a page lead. */
export interface PageLinks {
  /** The Temporal UI, without a slash at its end. */
  readonly temporalUi: string;
  readonly namespace: string;
  /** The repository's files on the web, to which a path is added: `https://github.com/…/blob/main`. */
  readonly repositoryUrl?: string;
  /** The catalogue, to which `gates/<verdict id>.html` is added. */
  readonly catalogueUrl?: string;
}

/** The run's history in the Temporal UI. */
export function runUrl(links: PageLinks, run: RunRef): string {
  return `${runPlace(links, run)}/history`;
}

/** The run's current details in the Temporal UI: what is held, the failing expectations, the JSON to paste. */
export function detailsUrl(links: PageLinks, run: RunRef): string {
  return `${runPlace(links, run)}/user-metadata`;
}

function runPlace({ temporalUi, namespace }: PageLinks, { workflowId, runId }: RunRef): string {
  const [space, workflow, run] = [namespace, workflowId, runId].map(encodeURIComponent);
  return `${temporalUi}/namespaces/${space}/workflows/${workflow}/${run}`;
}

/** The verdict's page in the catalogue: what broke, what to press, how each promise did before; none where there is no catalogue. */
export function gateRunLinks({ catalogueUrl }: PageLinks, verdictId: string): readonly PageLink[] {
  if (catalogueUrl === undefined) return [];
  const href = `${catalogueUrl.replace(/\/$/, '')}/gates/${encodeURIComponent(verdictId)}.html`;
  return [{ href, text: 'Gate run: history and promises' }];
}

/** A file of the repository as a link; none where the repository is not on the web. An address stays as it is. */
export function fileLinks({ repositoryUrl }: PageLinks, text: string, path: string): readonly PageLink[] {
  if (/^https?:\/\//.test(path)) return [{ href: path, text }];
  return repositoryUrl === undefined ? [] : [{ href: `${repositoryUrl.replace(/\/$/, '')}/${path}`, text }];
}
