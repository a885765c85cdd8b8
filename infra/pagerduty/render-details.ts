import { escape } from './frame.ts';
import { agoText, minuteText } from './times.ts';

type Fields = Readonly<Record<string, unknown>>;

/** An ISO 8601 time with a zone, wherever it stands in a text. */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)/;
const ADDRESS = /https?:\/\/[^\s<>"']+[^\s<>"'.,;:)\]]/;
const TIME_OR_ADDRESS = new RegExp(`(${TIME.source})|(${ADDRESS.source})`, 'g');

/**
 * An event's details in their own order: what is one line as a row of a list, tables and choices with a heading of
 * their own. It knows no field by its name: what comes first is the sender's business.
 *
 * @param now epoch milliseconds; times are told from there.
 * @returns HTML.
 */
export function renderDetails(details: unknown, now: number): string {
  if (!isFields(details)) return renderValue(details, now);
  const parts: string[] = [];
  let rows: string[] = [];
  const endRows = () => {
    if (rows.length > 0) parts.push(`<dl>${rows.join('')}</dl>`);
    rows = [];
  };
  for (const [name, value] of Object.entries(details)) {
    if (isListOfFields(value)) {
      endRows();
      parts.push(`<h2>${escape(words(name))}</h2>${renderValue(value, now)}`);
    } else rows.push(renderRow(name, value, now));
  }
  endRows();
  return parts.join('');
}

/** Text with its times told from now, and its web addresses as links. HTML. */
export function renderText(text: string, now: number): string {
  let html = '';
  let from = 0;
  for (const match of text.matchAll(TIME_OR_ADDRESS)) {
    const [whole, time] = match;
    html += escape(text.slice(from, match.index));
    html += time === undefined ? renderAddress(whole) : renderTime(whole, now);
    from = match.index + whole.length;
  }
  // A number keeps its sign, however narrow its column.
  return (html + escape(text.slice(from))).replaceAll(/(\d) %/g, '$1\u00a0%');
}

/** Text with its times as the minute in UTC, for within a link, where no other can stand. HTML. */
export function renderPlain(text: string): string {
  const minutes = text.replaceAll(new RegExp(TIME, 'g'), (iso) => {
    const at = Date.parse(iso);
    return Number.isNaN(at) ? iso : minuteText(at);
  });
  return escape(minutes);
}

/** A time as the minute in UTC and how far it is from now; the exact one is its title. HTML. */
export function renderTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return escape(iso);
  return `<time datetime="${escape(iso)}" title="${escape(iso)}">${minuteText(at)}</time> <span class="ago">(${agoText(at, now)})</span>`;
}

function renderAddress(address: string): string {
  return `<a rel="noreferrer" href="${escape(address)}">${escape(address)}</a>`;
}

function renderRow(name: string, value: unknown, now: number): string {
  return `<dt>${escape(words(name))}</dt><dd>${renderValue(value, now)}</dd>`;
}

function renderValue(value: unknown, now: number): string {
  if (value === null || value === undefined || value === '') return '<span class="dim">none</span>';
  if (typeof value === 'string') return isCode(value) ? renderCode(value) : renderText(value, now);
  if (Array.isArray(value)) return renderList(value, now);
  if (!isFields(value)) return escape(JSON.stringify(value));
  const rows = Object.entries(value).map(([name, one]) => renderRow(name, one, now));
  return `<dl>${rows.join('')}</dl>`;
}

function renderList(list: readonly unknown[], now: number): string {
  if (list.length === 0) return renderValue(null, now);
  const fields = list.filter(isFields);
  if (fields.length > 0) {
    const rest = list.filter((one) => !isFields(one));
    const more =
      rest.length > 0 ? `<p class="dim">${rest.map((one) => renderValue(one, now)).join(' ')}</p>` : '';
    return (
      (fields.some(hasCode)
        ? fields.map((one) => renderChoice(one, now)).join('')
        : renderTable(fields, now)) + more
    );
  }
  if (list.every((one) => typeof one === 'string' && one.length <= 40 && !isCode(one)))
    return list.map((one) => renderValue(one, now)).join(', ');
  return `<ul>${list.map((one) => `<li>${renderValue(one, now)}</li>`).join('')}</ul>`;
}

/** One of several things to do: what it is, and what to copy for it. */
function renderChoice(choice: Fields, now: number): string {
  const [first, ...others] = Object.values(choice).filter(
    (value) => typeof value !== 'string' || !isCode(value),
  );
  const codes = Object.values(choice).filter((value) => typeof value === 'string' && isCode(value));
  const rest = others.map((value) => renderValue(value, now)).join(' · ');
  return `<div class="card">${first === undefined ? '' : `<b>${renderValue(first, now)}</b> `}${rest}${codes
    .map((code) => renderValue(code, now))
    .join('')}</div>`;
}

function renderTable(rows: readonly Fields[], now: number): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const head = names.map((name) => `<th>${escape(words(name))}</th>`).join('');
  const cell = (row: Fields, name: string) =>
    `<td data-name="${escape(words(name))}">${Object.hasOwn(row, name) ? renderValue(row[name], now) : ''}</td>`;
  const body = rows.map((row) => `<tr>${names.map((name) => cell(row, name)).join('')}</tr>`).join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function renderCode(code: string): string {
  return `<div class="code"><code>${escape(code)}</code><button type="button" class="copy">Copy</button></div>`;
}

/** What one pastes: a JSON object or a command of the usual shells and tools. */
function isCode(text: string): boolean {
  return /^\{.*\}$|^(?:npm|npx|weir|node|psql|temporal|curl|kubectl|docker|systemctl) [^\n]*$/s.test(text);
}

function hasCode(fields: Fields): boolean {
  return Object.values(fields).some((value) => typeof value === 'string' && isCode(value));
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function isListOfFields(value: unknown): boolean {
  return Array.isArray(value) && value.some(isFields);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
