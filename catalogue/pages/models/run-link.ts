import { runUrl } from '../../../activities/page/links.ts';
import type { RunRef } from '../../../activities/run-ref.ts';
import { html } from '../../html.ts';
import type { Part } from '../../html.ts';
import type { CatalogueLinks } from '../../site.ts';

/** A run's history in the Temporal UI; its name alone where nobody knows where that is. */
export function runLink({ temporalUi, namespace }: CatalogueLinks, run: RunRef): Part {
  const name = run.workflowId;
  return temporalUi === null ? name : html`<a href="${runUrl({ temporalUi, namespace }, run)}">${name}</a>`;
}
