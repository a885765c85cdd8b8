import { addressesFrom } from '../addresses.ts';
import { html } from '../html.ts';
import { notice } from '../parts/notice.ts';
import type { Page } from '../site.ts';
import type { Fault } from './fault.ts';

/** How soon a page is asked for again that could not be made because of something that passes. */
const RETRY_SECONDS = 10;

/** What stands where there is no page. @param depth how many folders below the front page it is asked for. */
export function missingPage(depth: number): Page {
  const to = addressesFrom(depth);
  return {
    title: 'There is no such page',
    lead: html`Models and suites may have been renamed since; the gate runs of all are kept.`,
    body: html`<ul>
      <li><a href="${to('')}">Today: what runs, what is held</a></li>
      <li><a href="${to('graph')}">The graph: what reads what</a></li>
      <li><a href="${to('models')}">All models</a></li>
      <li><a href="${to('suites')}">All suites</a></li>
      <li><a href="${to('gates')}">The latest gate runs</a></li>
    </ul>`,
  };
}

/** What stands where a page could not be made. */
export function faultPage({ status, what, mend }: Fault): Page {
  const body = notice('bad', html`<p>${mend}</p>`);
  return {
    title: 'This page could not be made',
    lead: html`${what}`,
    body: status === 503 ? html`<div data-retry="${RETRY_SECONDS}">${body}</div>` : body,
  };
}
