import { html } from '../../html.ts';
import type { Html, Part } from '../../html.ts';
import { section } from '../../parts/section.ts';
import { table } from '../../parts/table.ts';
import { clockText, countText, spanText } from '../../parts/texts.ts';
import type { Hold } from '../../read/past-holds.ts';
import type { Site, To } from '../../site.ts';
import { verdictLinks } from '../../verdict-links.ts';
import { brokenList } from './broken-list.ts';

/** Holds of late and how each came to its end: what was wrong yesterday still stands there when it is right again. */
export function holdsSection(site: Site, to: To, holds: readonly Hold[]): Html {
  return section(
    'Holds of late',
    'holds',
    table({
      caption: 'What gates have held, the newest first',
      head: ['Held', 'Because', 'How it ended'],
      rows: holds.map((hold) => rowOf(site, to, hold)),
      none: 'No gate has held anything yet.',
    }),
  );
}

function rowOf(site: Site, to: To, hold: Hold): readonly Part[] {
  const { model, gate, verdictId, errored, failed, evaluated } = hold;
  const address = verdictLinks(site, to)(verdictId);
  const found = errored
    ? 'could not be checked'
    : `${failed} of ${countText(evaluated, 'promise', 'promises')} broken`;
  return [
    html`<a href="${to('models', model)}">${model}</a> <span class="how">${gate} gate</span>
      <span class="when">${timeWords(site, hold)}</span>`,
    html`${address === null ? found : html`<a href="${address}">${found}</a>`}${brokenList(hold.broken)}`,
    endWords(hold),
  ];
}

function timeWords({ at }: Site, { since, until, end }: Hold): Part {
  const from = html`<time datetime="${since.toISOString()}">${clockText(since, at)}</time>`;
  if (end === 'held')
    return html`${from} <span class="how">for ${spanText((at.getTime() - since.getTime()) / 1000)}</span>`;
  if (until === null) return from;
  const sameDay = since.toISOString().slice(0, 10) === until.toISOString().slice(0, 10);
  const text = sameDay ? until.toISOString().slice(11, 16) : clockText(until, at);
  return html`${from} to <time datetime="${until.toISOString()}">${text}</time>
    <span class="how">${spanText((until.getTime() - since.getTime()) / 1000)}</span>`;
}

const DECIDED = {
  retryGate: 'asked again',
  reloadAndRetry: 'reloaded',
  overrideGate: 'overridden',
  quarantineAndContinue: 'let go on without the bad rows',
  abandon: 'given up',
} as const;

function endWords({ end, decision, because }: Hold): Part {
  const said =
    decision === null
      ? null
      : html`${DECIDED[decision.decision]} by ${decision.by} <q>${decision.reason}</q>`;
  switch (end) {
    case 'held':
      return said === null
        ? html`<strong>still held</strong>`
        : html`<strong>still held</strong>, after it was ${said}`;
    case 'passed':
      if (said !== null && because === null) return html`${said}, and passed`;
      return because === null ? 'passed when it was asked again' : `passed by itself: ${because}`;
    case 'overridden':
    case 'abandoned':
      return said;
    case 'expired':
      return 'nobody decided in time; the next run met the rows again';
    case 'ended':
      return 'its run ended; the next one met the rows again';
  }
}
