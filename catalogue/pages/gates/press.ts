import { choicesOf, type DecisionChoice } from '../../../activities/page/decision-choices.ts';
import { isPublished } from '../../../models/model.ts';
import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { command } from '../../parts/command.ts';
import { section } from '../../parts/section.ts';
import { runLink } from '../../parts/run-link.ts';
import { fileLink, type AboutRun } from './about-run.ts';

const RUNBOOK = 'docs/runbooks/gate-held.md';

/** What a responder may press, most fitting first; nothing where nobody waits for a decision. */
export function pressSection(about: AboutRun): Part {
  const { run } = about;
  if (run.fate.name !== 'held') return null;
  const { verdictId, outcome, workflowId, runId } = run.latest;
  const choices = choicesOf(verdictId, mayQuarantine(about));
  const link = { text: 'open the run', place: 'details' } as const;
  return section('What to press', 'press', [
    html`<p>
      The run looks by itself, within a minute, whether its source or a parameter has changed. Else decide:
      run a command, or ${runLink(about.site, { workflowId, runId }, link)} in the Temporal UI, More Actions,
      Send an Update, and paste the JSON. Whoever may write in the Temporal namespace may decide; name and
      reason are kept. ${fileLink(about.site, runbookOf(about), 'Runbook')}.
    </p>`,
    refusal(run.incident.told?.quarantine ?? null),
    html`<div class="choices">${inOrder(choices, outcome === 'error').map(choice)}</div>`,
  ]);
}

/** One at a time, the most fitting first: on a phone what broke stays near. */
function choice({ update, when, json, command: text }: DecisionChoice, index: number): Html {
  const summary = html`<summary>
    ${when.charAt(0).toUpperCase()}${when.slice(1)} <code>${update}</code>
  </summary>`;
  const body = html`<p>The command:</p>
    ${command(text)}
    <p>Or the JSON for the Temporal UI:</p>
    ${command(json)}`;
  return index === 0
    ? html`<details name="choice" open>${summary}${body}</details>`
    : html`<details name="choice">${summary}${body}</details>`;
}

/** Of a gate that could not be checked nothing is known against the rows: it is asked again first. */
function inOrder(choices: readonly DecisionChoice[], isUnchecked: boolean): readonly DecisionChoice[] {
  const first = isUnchecked ? 'retryGate' : 'reloadAndRetry';
  return choices.toSorted((a, b) => Number(b.update === first) - Number(a.update === first));
}

/** Only where every promise that blocks is about rows. The run refuses it where that is not so, and says why. */
function mayQuarantine({ run, promises }: AboutRun): boolean {
  if (run.latest.outcome === 'error') return false;
  const blocking = promises.broken.filter(({ onFailure }) => onFailure !== 'continue');
  return blocking.every(({ inSuite, asked }) => inSuite?.rowLevel !== false && asked?.outcome !== 'errored');
}

function refusal(why: string | null): Part {
  return why === null ? null : html`<p>Nothing was set aside unasked: ${why}.</p>`;
}

/** A model's own page, else that of all gates. */
function runbookOf({ site, run }: AboutRun): string {
  const model = site.repository.graph.byName.get(run.latest.model);
  const own = model !== undefined && isPublished(model) ? model.runbook : null;
  const anchor = run.latest.outcome === 'error' ? 'it-could-not-be-checked' : 'what-to-press';
  return own === null || own === RUNBOOK ? `${RUNBOOK}#${anchor}` : own;
}
