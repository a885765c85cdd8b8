import type { Verdict } from '../../expectations/verdict.ts';
import { cutText } from '../notifiers/cut.ts';
import type { Json, PageEvent } from '../notifiers/notifier.ts';
import { decisionChoices } from './decision-choices.ts';
import type { GateFacts } from './facts.ts';
import { howLong, lasted, type Ended } from './incident-words.ts';
import { detailsUrl, fileLinks, runUrl, type PageLinks } from './links.ts';
import type { GateAbandonedPage, GateHeldPage, GatePassedPage } from './page-input.ts';
import {
  brokenPromises,
  describe,
  describeInterval,
  describeLoad,
  loudestFirst,
  rowsText,
  whichGate,
  whichRows,
} from './promise-words.ts';

/** What every page of this installation shares. */
export interface PageSetting {
  readonly environment: string;
  readonly links: PageLinks;
  readonly dedupKey: string;
}

/** The page of this kind; a model may name its own. */
export const RUNBOOK = 'docs/runbooks/gate-held.md';
export const SUMMARY_LENGTH = 1_024;

/** The event of a gate that holds: what broke, how much, since when, who is hurt, and what to press. */
export function heldEvent(
  page: GateHeldPage,
  setting: PageSetting & { readonly facts: GateFacts },
): PageEvent {
  const { verdict, model } = page;
  return triggerEvent(page, setting, {
    occasion: 'held',
    summary: heldSummary(verdict),
    details: heldDetails(page, setting.facts, model.runbook ?? RUNBOOK),
  });
}

/** What opens an incident of a gate, or adds to it. */
export function triggerEvent(
  { verdict, model, run }: Pick<GateHeldPage, 'verdict' | 'model' | 'run'>,
  { environment, links, dedupKey, facts }: PageSetting & { readonly facts: GateFacts },
  told: Pick<PageEvent, 'summary' | 'details'> & { readonly occasion: 'held' | 'failed' },
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
    links: [
      { href: detailsUrl(links, run), text: 'Run: what broke, what to press' },
      ...fileLinks(links, 'Runbook', model.runbook ?? RUNBOOK),
      ...fileLinks(links, 'Suite', `expectations/suites/${verdict.suite}.json`),
      { href: runUrl(links, run), text: 'Run: its history' },
    ],
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
    links: [{ href: runUrl(links, run), text: 'Run in the Temporal UI' }],
    clientUrl: null,
  };
}

/** That somebody gave the batch up, and why. */
export function abandonedText({ model, by }: GateAbandonedPage): string {
  return `${model} abandoned by ${by.decidedBy}: ${by.reason} · nothing was published, the incident stays open and the next run meets the rows again`;
}

function heldSummary(verdict: Verdict): string {
  const { model, gate, suite, reason } = verdict;
  if (reason !== null) {
    return cutText(
      `${model} held: its ${gate} gate (suite ${suite}) could not be checked: ${reason}`,
      SUMMARY_LENGTH,
    );
  }
  return cutText(`${model} held: ${brokenPromises(verdict)}`, SUMMARY_LENGTH);
}

function heldDetails(page: GateHeldPage, facts: GateFacts, runbook: string): Readonly<Record<string, Json>> {
  const { verdict, model, resetEventId, holdUntil, refused = null } = page;
  const reset =
    resetEventId === undefined ? '' : `; then reset it to event ${resetEventId} to run only the gate again`;
  return {
    what_broke: loudestFirst(verdict.failed).map(describe),
    ...whichRows(verdict),
    ...(verdict.reason === null ? {} : { not_checked: verdict.reason }),
    how_much: `${verdict.failed.length} of ${verdict.evaluated} promises broken in a batch of ${rowsText(verdict.rows)}; none of it is visible to readers`,
    ...(refused === null ? {} : { quarantine: refused }),
    since: facts.firstFailedAt.toISOString(),
    last_good_load: describeLoad(facts.lastGood),
    data_interval: describeInterval(facts),
    as_of: verdict.asOf,
    owner: model.owner,
    downstream_held: model.downstream.length > 0 ? model.downstream : 'nothing depends on it',
    checks_again: 'by itself, within a minute, when its source or a parameter changes; or press',
    what_to_press: decisionChoices(verdict),
    where_to_press:
      'Temporal UI: open the run, More Actions, Send an Update, choose one, paste its JSON; or run the command',
    hold_ends: `${holdUntil}: the run fails as GateHeld${reset}`,
    runbook,
    ...whichGate(page),
  };
}
