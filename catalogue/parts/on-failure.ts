import type { OnFailure } from '../../expectations/on-failure.ts';
import type { Severity } from '../../expectations/verdict.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { shareText } from './texts.ts';

const HAPPENS: Readonly<Record<OnFailure, string>> = {
  hold: 'the batch waits, unseen',
  quarantine: 'bad rows are set aside',
  continue: 'the data goes on',
};

const LOUDNESS: Readonly<Record<Severity, string>> = {
  critical: 'wakes somebody',
  warning: 'is told, wakes nobody',
  info: 'is written down',
};

/** What somebody said happens when a promise breaks. */
export interface Rule {
  readonly onFailure: OnFailure;
  /** Up to which share of a batch, 0 to 1, rows are set aside; null where nobody says so. */
  readonly quarantineShare: number | null;
}

/** What happens to the data: `bad rows are set aside, up to 1 % of a batch`. */
export function onFailureWords({ onFailure, quarantineShare }: Rule): string {
  const share = onFailure === 'quarantine' ? quarantineShare : null;
  return share === null ? HAPPENS[onFailure] : `${HAPPENS[onFailure]}, up to ${shareText(share)} of a batch`;
}

/** What happens when a promise breaks: whom that wakes, and what becomes of the data. */
export function ifBroken(severity: Severity, rule: Rule): Html {
  return html`<p class="failing"><b>${severity}</b>: ${LOUDNESS[severity]}; ${onFailureWords(rule)}</p>`;
}
