import type { FailedExpectation, Verdict } from '../../expectations/verdict.ts';
import { cutText } from '../notifiers/cut.ts';
import type { Json, PageEvent } from '../notifiers/notifier.ts';
import type { GateHeldPage, GatePassedPage } from './page-input.ts';
import type { GateFacts, GoodLoad } from './facts.ts';
import { decisionChoices } from './decision-choices.ts';
import { detailsUrl, fileLinks, runUrl, type PageLinks } from './links.ts';

/** What every page of this installation shares. */
export interface PageSetting {
  readonly environment: string;
  readonly links: PageLinks;
  readonly dedupKey: string;
}

/** The page of this kind; a model may name its own. */
export const RUNBOOK = 'docs/runbooks/gate-held.md';
/** Promises named in the summary; all of them stand in the details. */
const NAMED_PROMISES = 5;
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
    owner: null,
    tier: null,
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

/** The event of a gate that lets its model through again. */
export function passedEvent(page: GatePassedPage, { environment, links, dedupKey }: PageSetting): PageEvent {
  const { model, gate, suite, verdictId, run, by } = page;
  const decision = by === undefined ? '' : ` ${by.decision} by ${by.decidedBy}: ${by.reason}`;
  const overridden = by?.decision === 'overrideGate';
  return {
    // The same verdict can end in an override or in a pass; each is an occasion of its own.
    eventId: `${verdictId}/${overridden ? 'overridden' : 'passed'}`,
    action: 'resolve',
    dedupKey,
    summary: overridden
      ? `${model} goes on although its ${gate} gate (suite ${suite}) failed:${decision}`
      : `${model} passed its ${gate} gate (suite ${suite})${decision === '' ? '' : ` after${decision}`}`,
    source: `weir/${environment}/${model}`,
    severity: 'info',
    timestamp: new Date().toISOString(),
    component: model,
    group: null,
    class: 'gate held',
    owner: null,
    tier: null,
    details: {
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

/** How many promises broke in what batch, and the loudest of them: counts and words that may leave. */
export function brokenPromises({ failed: all, evaluated, rows }: Verdict): string {
  const failed = loudestFirst(all);
  const named = failed.slice(0, NAMED_PROMISES).map(({ expected, observed }) => `${expected}: ${observed}`);
  const more = failed.length - named.length;
  const list = `${named.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  const batch = rows === null ? '' : ` in a batch of ${rowsText(rows)}`;
  return `${failed.length} of ${evaluated} promises broken${batch}. ${list}`;
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

/** By which names the gate, its verdict and its run are found again. */
export function whichGate({ verdict, run }: Pick<GateHeldPage, 'verdict' | 'run'>) {
  return {
    model: verdict.model,
    gate: verdict.gate,
    suite: verdict.suite,
    verdict_id: verdict.verdictId,
    load_id: verdict.loadId,
    run: `${run.workflowId} / ${run.runId}`,
  };
}

/** The command that shows the rows to those who may read results: they never leave the database. */
export function whichRows({ failed, verdictId }: Verdict): { readonly which_rows?: string } {
  return failed.length === 0 ? {} : { which_rows: `npm run weir -- gate rows ${verdictId}` };
}

/** A broken promise in words and counts. */
export function describe(failed: FailedExpectation): Readonly<Record<string, Json>> {
  const { unexpectedCount, elementCount } = failed;
  const counted = unexpectedCount !== null && elementCount !== null;
  const share = counted && elementCount > 0 ? ` (${percent(unexpectedCount / elementCount)})` : '';
  return {
    promise: failed.type,
    column: failed.column,
    expected: failed.expected,
    observed: failed.errored ? `could not be checked: ${failed.observed}` : failed.observed,
    rows: counted ? `${number(unexpectedCount)} of ${number(elementCount)}${share}` : null,
    severity: failed.severity,
    on_failure: failed.onFailure,
    where: `/expectations/${failed.index}`,
  };
}

/** The loudest first, else in the suite's order. */
export function loudestFirst(failed: readonly FailedExpectation[]): readonly FailedExpectation[] {
  const order = ['critical', 'warning', 'info'];
  return failed.toSorted(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || a.index - b.index,
  );
}

/** The last load that went well, in one line. */
export function describeLoad(load: GoodLoad | null): string {
  if (load === null) return 'none yet';
  return `${load.model} as of ${load.asOf.toISOString()}, published ${load.publishedAt.toISOString()} (load ${load.loadId})`;
}

/** The data interval in words. */
export function describeInterval({ load }: GateFacts): string {
  if (!load?.intervalStart || !load.intervalEnd) return 'what arrived since the last published load';
  return `[${load.intervalStart.toISOString()}, ${load.intervalEnd.toISOString()})`;
}

/** `1 row`, `12,345 rows`. */
export function rowsText(rows: number | null): string {
  return rows === null ? 'uncounted rows' : `${number(rows)} ${rows === 1 ? 'row' : 'rows'}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function percent(share: number): string {
  return `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`;
}
