import { detailsUrl, runUrl } from '../../activities/page/links.ts';
import type { RunRef } from '../../activities/run-ref.ts';
import { redactText } from '../../expectations/redact.ts';
import { html } from '../html.ts';
import type { Part } from '../html.ts';
import type { Site } from '../site.ts';

/** What of a run the Temporal UI shows: what happened, or its details as they are now. */
type RunPlace = 'history' | 'details';

/** A run in the Temporal UI; null where nobody knows where that is. */
export function runAddress(
  { links: { temporalUi, namespace } }: Pick<Site, 'links'>,
  run: RunRef,
  place: RunPlace = 'history',
): string | null {
  if (temporalUi === null) return null;
  const address = (place === 'details' ? detailsUrl : runUrl)({ temporalUi, namespace }, run);
  // Of what an older version wrote down the run's own id may be missing: then it is the workflow's latest.
  return run.runId === '' ? address.replace(/\/\/[a-z-]+$/, '') : address;
}

/** What a run is called: its id, redacted, for somebody may have typed it. */
export function runName({ workflowId }: Pick<RunRef, 'workflowId'>): string {
  return redactText(workflowId);
}

/** A run as a link; its name alone where nobody knows where the Temporal UI is. @param text its name where left out. */
export function runLink(
  site: Pick<Site, 'links'>,
  run: RunRef,
  { text = runName(run), place }: { readonly text?: string; readonly place?: RunPlace } = {},
): Part {
  const address = runAddress(site, run, place);
  return address === null ? html`<code>${runName(run)}</code>` : html`<a href="${address}">${text}</a>`;
}
