import { runUrl } from '../../../activities/page/links.ts';
import type { RunRef } from '../../../activities/run-ref.ts';
import type { Site } from '../../site.ts';

/** A run in the Temporal UI; null where nobody knows where that is. */
export function runAddress({ links }: Pick<Site, 'links'>, run: RunRef): string | null {
  const { temporalUi, namespace } = links;
  if (temporalUi === null) return null;
  // Of what an older version wrote down the run's own id may be missing: then it is the workflow's latest.
  return runUrl({ temporalUi, namespace }, run).replace(/\/\/history$/, '');
}
