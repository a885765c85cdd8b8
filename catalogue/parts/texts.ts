import { durationText } from '../../models/duration.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';

/** Between a number's thousands: narrow, and no line breaks there. */
const THIN = '\u202f';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `12 345.5`, with thin spaces. At most two decimals, more where the number is below 1. */
export function numberText(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e15) return String(value);
  const rounded = Math.abs(value) >= 1 ? Math.round(value * 100) / 100 : Number(value.toPrecision(3));
  const [whole = '', ...decimals] = String(rounded).split('.');
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, THIN), ...decimals].join('.');
}

/** `1 row`, `12 345 rows`. */
export function countText(count: number, one: string, many: string): string {
  return `${numberText(count)} ${count === 1 ? one : many}`;
}

/** How the promises of a gate run did: `8 of 8 promises kept`, and where one was not, what everybody asks: `4 of 8 promises broken`. */
export function keptWords(broken: number, evaluated: number): string {
  const promises = countText(evaluated, 'promise', 'promises');
  return broken === 0
    ? `${numberText(evaluated)} of ${promises} kept`
    : `${numberText(broken)} of ${promises} broken`;
}

/**
 * A share, 0 to 1, in per cent: `99.87 %`. Never 100 % of what is not whole, nor 0 % of what is not nothing: one row of
 * a million that breaks a promise is the one that is looked for.
 */
export function shareText(share: number): string {
  if (share > 0 && share < 0.0001) return '< 0.01 %';
  if (share < 1 && share > 0.9999) return '> 99.99 %';
  return `${numberText(Math.round(share * 10_000) / 100)} %`;
}

/** A length of time in its two largest units: `3 h 12 min`; `< 1 s` of what took no whole one. @param seconds below 0 is taken for 0. */
export function spanText(seconds: number): string {
  return seconds > 0 && seconds < 0.5 ? '< 1 s' : durationText(Math.max(0, seconds));
}

/** A moment and how long ago it was: `07:26 UTC, 3 min ago`. The whole of it is in its title. */
export function momentText(at: Date, now: Date): Html {
  return html`<time datetime="${at.toISOString()}" title="${wholeText(at)}"
    >${clockText(at, now)}, <span class="whole">${agoText(at, now)}</span></time
  >`;
}

/** The whole of a moment: `2026-11-22 07:26:42 UTC`. */
export function wholeText(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `07:26 UTC` of the same day; `21 Nov 07:26 UTC`, with its year where that is another. */
export function clockText(at: Date, now: Date): string {
  const clock = `${at.toISOString().slice(11, 16)} UTC`;
  if (at.toISOString().slice(0, 10) === now.toISOString().slice(0, 10)) return clock;
  const isThisYear = at.getUTCFullYear() === now.getUTCFullYear();
  return `${isThisYear ? dayText(at).slice(0, -5) : dayText(at)} ${clock}`;
}

/** `21 Nov 2026`, UTC. */
export function dayText(at: Date): string {
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}`;
}

/** `3 min ago`, `now`: in its largest unit, and in two where that is an hour; what is to come to the minute: `in 11 h 58 min`. */
export function agoText(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const text = seconds < 0 ? untilText(-seconds) : roughText(seconds);
  if (text === '0 s') return 'now';
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

/** Who has until then is not told an hour less: to the nearest minute of a day, to the nearest day beyond two. */
function untilText(seconds: number): string {
  const unit = seconds < 60 ? 1 : seconds < 86_400 ? 60 : seconds < 2 * 86_400 ? 3600 : 86_400;
  return spanText(Math.round(seconds / unit) * unit);
}

/** A length of time for who glances: `12 min`, `3 h 5 min`, `9 d`. Nobody asks for the seconds of an hour, nor for the minutes of a day. */
export function roughText(seconds: number): string {
  const unit = seconds < 60 ? 1 : seconds < 6 * 3600 ? 60 : seconds < 2 * 86_400 ? 3600 : 86_400;
  return spanText(Math.floor(seconds / unit) * unit);
}
