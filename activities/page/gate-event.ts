import { cutText } from '../notifiers/cut.ts';
import type { Json, PageEvent } from '../notifiers/notifier.ts';
import { decisionChoices } from './decision-choices.ts';
import type { GateFacts } from './facts.ts';
import { howLong, lasted, type Ended } from './incident-words.ts';
import { detailsUrl, fileLinks, gateRunLinks, runUrl, type PageLinks } from './links.ts';
import type { GateAbandonedPage, GateHeldPage, GatePassedPage } from './page-input.ts';
import {
  brokenPromises,
  describe,
  describeInterval,
  loudestFirst,
  rowsText,
  whichGate,
  whichRows,
} from './promise-words.ts';
import { beforeDetails, failureLinks, hurtDetails, ownerDetails } from './surroundings.ts';

/** What every page of this installation shares. */
export interface PageSetting {
  readonly environment: string;
  readonly links: PageLinks;
  readonly dedupKey: string;
}

/** The page of this kind; a model may name its own. */
const RUNBOOK = 'docs/runbooks/gate-held.md';
export const SUMMARY_LENGTH = 1_024;

/** The event of a gate that holds: what broke, how much, since when, who is hurt, and what to press. */
export function heldEvent(
  page: GateHeldPage,
  setting: PageSetting & { readonly facts: GateFacts },
): PageEvent {
  const { verdict, model } = page;
  const anchor = verdict.reason === null ? 'what-to-press' : 'it-could-not-be-checked';
  const runbook = runbookAt(model, anchor);
  return triggerEvent(page, setting, {
    ...{ occasion: 'held', runbook, summary: heldSummary(page) },
    details: heldDetails(page, setting.facts, runbook),
  });
}

/** A runbook of the model's own, or the place on the page of this kind that fits. */
export function runbookAt({ runbook }: GateHeldPage['model'], anchor: string): string {
  return runbook === null || runbook === RUNBOOK ? `${RUNBOOK}#${anchor}` : runbook;
}

/** What opens an incident of a gate, or adds to it. */
export function triggerEvent(
  { verdict, model, run }: Pick<GateHeldPage, 'verdict' | 'model' | 'run'>,
  { environment, links, dedupKey, facts }: PageSetting & { readonly facts: GateFacts },
  told: Pick<PageEvent, 'summary' | 'details'> & {
    readonly occasion: 'held' | 'failed';
    readonly runbook: string;
  },
): PageEvent {
  return {
    eventId: `${verdict.verdictId}/${told.occasion}`,
    action: 'trigger',
    dedupKey,
    summary: told.summary,
    source: `weir/${environment}/${model.name}`,
    severity: 'critical',
    timestamp: new Date().toISOString(),
    component: model.name,
    group: facts.load?.pipeline ?? null,
    class: `gate ${told.occasion}`,
    owner: model.owner,
    tier: model.tier ?? null,
    details: told.details,
    links: failureLinks(
      ...([links, run, told.runbook, facts] as const),
      ...gateRunLinks(links, verdict.verdictId),
      ...fileLinks(links, 'Suite', `expectations/suites/${verdict.suite}.json`),
    ),
    clientUrl: detailsUrl(links, run),
  };
}

/** The event of a gate that lets its model through again. @param incident what it had come to until now. */
export function passedEvent(
  page: GatePassedPage,
  { environment, links, dedupKey }: PageSetting,
  incident: Ended | null = null,
): PageEvent {
  const { model, gate, suite, verdictId, run, by } = page;
  const decision = by === undefined ? '' : ` ${by.decision} by ${by.decidedBy}: ${by.reason}`;
  const overridden = by?.decision === 'overrideGate';
  return {
    // The same verdict can end in an override or in a pass; each is an occasion of its own.
    eventId: `${verdictId}/${overridden ? 'overridden' : 'passed'}`,
    action: 'resolve',
    dedupKey,
    summary: cutText(
      `${
        overridden
          ? `${model} goes on although its ${gate} gate (suite ${suite}) failed:${decision}`
          : `${model} passed its ${gate} gate (suite ${suite})${decision === '' ? '' : ` after${decision}`}`
      }${howLong(incident, new Date())}`,
      SUMMARY_LENGTH,
    ),
    source: `weir/${environment}/${model}`,
    severity: 'info',
    timestamp: new Date().toISOString(),
    component: model,
    group: null,
    class: incident?.told?.class ?? 'gate held',
    owner: incident?.owner ?? null,
    tier: incident?.tier ?? null,
    details: {
      ...lasted(incident),
      model,
      gate,
      suite,
      ...(by === undefined ? {} : { decision: by.decision, decided_by: by.decidedBy, reason: by.reason }),
      verdict_id: verdictId,
      run: `${run.workflowId} / ${run.runId}`,
    },
    links: [{ href: runUrl(links, run), text: 'Run in the Temporal UI' }, ...gateRunLinks(links, verdictId)],
    clientUrl: null,
  };
}

/** That somebody gave the batch up, and why. */
export function abandonedText({ model, by }: GateAbandonedPage): string {
  return `${model} abandoned by ${by.decidedBy}: ${by.reason} · nothing was published, the incident stays open and the next run meets the rows again`;
}

/** What broke, cut where it is long; then who waits and until when somebody can decide, which is never cut. */
function heldSummary({ verdict, model, holdUntil }: GateHeldPage): string {
  const { gate, suite, reason } = verdict;
  const broken =
    reason === null
      ? brokenPromises(verdict)
      : `its ${gate} gate (suite ${suite}) could not be checked: ${reason}`;
  const { length } = model.downstream;
  const waits = length === 0 ? '' : ` · ${length === 1 ? '1 model waits' : `${length} models wait`}`;
  const end = `${waits} · decide by ${holdUntil.slice(0, 16)}Z`;
  return `${cutText(`${verdict.model} held: ${broken}`, SUMMARY_LENGTH - end.length)}${end}`;
}

function heldDetails(page: GateHeldPage, facts: GateFacts, runbook: string): Readonly<Record<string, Json>> {
  const { verdict, model, resetEventId, holdUntil, refused = null } = page;
  const reset =
    resetEventId === undefined ? '' : `; then reset it to event ${resetEventId} to run only the gate again`;
  // The order is how it is read at night, and what is cut last where a page is too long.
  return {
    how_much: `${verdict.failed.length} of ${verdict.evaluated} promises broken in a batch of ${rowsText(verdict.rows)}; none of it is visible to readers`,
    ...hurtDetails(facts, new Date()),
    downstream_held: model.downstream.length > 0 ? model.downstream : 'nothing depends on it',
    ...ownerDetails(model.owner, model.tier ?? null),
    ...(verdict.reason === null ? {} : { not_checked: verdict.reason }),
    what_broke: loudestFirst(verdict.failed).map(describe),
    ...whichRows(verdict),
    ...(refused === null ? {} : { quarantine: refused }),
    what_to_press: decisionChoices(verdict),
    where_to_press:
      'Temporal UI: open the run, More Actions, Send an Update, choose one, paste its JSON; or run the command',
    checks_again: 'by itself, within a minute, when its source or a parameter changes; or press',
    hold_ends: `${holdUntil}: the run fails as GateHeld${reset}`,
    ...beforeDetails(facts),
    data_interval: describeInterval(facts),
    as_of: verdict.asOf,
    runbook,
    ...whichGate(page),
  };
}
