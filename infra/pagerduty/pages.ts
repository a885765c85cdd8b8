import { createHash } from 'node:crypto';
import type { Change, Incident, Incidents, LogEntry } from './incidents.ts';

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #3a3f47); --soft: light-dark(#f4f5f7, #1f2329);
  --dim: light-dark(#5b6470, #9aa4b1); --red: light-dark(#b3261e, #ff8a80); --green: light-dark(#1b6e3a, #7bd89a);
  --amber: light-dark(#8a5a00, #ffc46b); --blue: light-dark(#0b57b0, #8ab8ff); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 68rem; padding: 1rem;
  background: light-dark(#fff, #14171b); color: light-dark(#1a1d21, #e8eaed); overflow-wrap: break-word; }
h1 { font-size: 1.3rem; margin: .25rem 0 .5rem; } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
a { color: var(--blue); } .dim { color: var(--dim); font-size: .9rem; }
.card { border: 1px solid var(--line); border-left: .35rem solid var(--line); border-radius: .4rem; padding: .7rem .9rem;
  margin: .6rem 0; display: block; color: inherit; text-decoration: none; }
.card.triggered { border-left-color: var(--red); } .card.acknowledged { border-left-color: var(--amber); }
.card.resolved { border-left-color: var(--green); }
.card strong { display: block; font-weight: 600; }
.tag { display: inline-block; border: 1px solid currentColor; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem;
  font-weight: 600; } .triggered .tag.state, .tag.critical, .tag.error { color: var(--red); }
.acknowledged .tag.state, .tag.warning { color: var(--amber); } .resolved .tag.state { color: var(--green); }
.tag.info { color: var(--blue); }
.button { display: inline-block; border: 1px solid var(--blue); border-radius: .4rem; padding: .35rem .8rem;
  margin: .2rem .4rem .2rem 0; text-decoration: none; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { background: var(--soft); font-weight: 600; } table.fields > tbody > tr > th { width: 11rem; }
.wide { overflow-x: auto; } .wide code { display: block; min-width: 13rem; overflow-wrap: anywhere; }
code, pre { font: .86rem/1.45 ui-monospace, monospace; white-space: pre-wrap; }
ol.log { padding-left: 1.2rem; } ol.log li { margin: .5rem 0; }
@media (max-width: 34rem) { table.fields > tbody > tr > * { display: block; width: auto !important; border-width: 0 1px;
  } table.fields > tbody > tr:last-child { border-bottom: 1px solid var(--line); } body { padding: .7rem; } }
`;

/** Nothing but our own style may load or run, whatever an event carries. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The list: open incidents first, then the latest resolved ones and change events. Looks again every 5 seconds. */
export function renderIndex({ incidents, changes }: Incidents, now: number): string {
  const open = incidents.filter(({ status }) => status !== 'resolved').toReversed();
  const resolved = incidents.filter(({ status }) => status === 'resolved').toReversed();
  const list = (some: readonly Incident[], none: string) =>
    some.length > 0
      ? some.map((incident) => renderCard(incident, now)).join('')
      : `<p class="dim">${none}</p>`;
  return page(
    open.length > 0 ? `(${open.length}) Incidents` : 'Incidents',
    `<h1>Incidents</h1><p class="dim">A stand-in for PagerDuty: what its Events API was sent, as a responder sees it.</p>
    <h2>Open (${open.length})</h2>${list(open, 'Nothing is open.')}
    <h2>Resolved (${resolved.length})</h2>${list(resolved.slice(0, 100), 'Nothing was resolved yet.')}
    ${changes.length > 0 ? `<h2>Recent changes</h2>${changes.slice(-20).toReversed().map(renderChange).join('')}` : ''}`,
    '<meta http-equiv="refresh" content="5">',
  );
}

/** One incident in full: what to know, where to go, what happened. */
export function renderIncident(incident: Incident, now: number): string {
  const facts: Readonly<Record<string, string | null>> = {
    source: incident.source,
    component: incident.component,
    group: incident.group,
    class: incident.class,
    'dedup key': incident.dedup_key,
  };
  const known = Object.entries(facts).filter(([, value]) => value !== null);
  const links = [
    ...(incident.client_url === null || incident.links.some(({ href }) => href === incident.client_url)
      ? []
      : [{ href: incident.client_url, text: incident.client }]),
    ...incident.links,
    ...incident.images.map(({ src, href, alt }) => ({ href: href ?? src, text: alt ?? 'image' })),
  ];
  return page(
    incident.summary,
    `<p><a href="/">All incidents</a></p><div class="${escape(incident.status)}"><p>${tags(incident)}
    <span class="dim">#${incident.incident_number} · ${since(incident, now)}</span></p>
    <h1>${escape(incident.summary)}</h1></div>
    <p>${links.map(renderLink).join('')}</p>
    <h2>Details</h2>${renderValue(incident.custom_details)}
    <h2>Log</h2><ol class="log">${incident.log_entries.map(renderLogEntry).join('')}</ol>
    <h2>About</h2>${renderValue(Object.fromEntries(known))}`,
  );
}

/** What is shown for an address that is not there. */
export function renderMissing(): string {
  return page('Not found', '<h1>Not found</h1><p><a href="/">All incidents</a></p>');
}

function renderCard(incident: Incident, now: number): string {
  return `<a class="card ${escape(incident.status)}" href="/incidents/${escape(incident.id)}">
    <strong>${escape(incident.summary)}</strong> ${tags(incident)}
    <span class="dim">#${incident.incident_number} · ${since(incident, now)} · ${count(incident.log_entries.length, 'entry', 'entries')}</span></a>`;
}

function renderChange(change: Change): string {
  return `<div class="card"><strong>${escape(change.summary)}</strong>
    <span class="dim">${escape(change.at)} · ${escape(change.source ?? '')}</span> ${change.links.map(renderLink).join('')}</div>`;
}

function renderLogEntry(entry: LogEntry, index: number): string {
  // The first entry's details stand above already.
  const details =
    entry.custom_details === null || index === 0
      ? ''
      : `<details><summary>details</summary>${renderValue(entry.custom_details)}</details>`;
  return `<li><span class="dim">${escape(entry.at)}</span> <strong>${escape(entry.type)}</strong>
    ${escape(entry.summary ?? '')}${details}</li>`;
}

/** Any JSON as a table: objects as rows, lists of like objects as columns, text as it is. */
function renderValue(value: unknown): string {
  if (value === null || value === undefined || value === '') return '<span class="dim">none</span>';
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every(isObject)) return renderColumns(value);
    return value.length === 0
      ? renderValue(null)
      : `<ul>${value.map((one) => `<li>${renderValue(one)}</li>`).join('')}</ul>`;
  }
  if (isObject(value)) {
    const rows = Object.entries(value).map(
      ([key, one]) => `<tr><th>${escape(words(key))}</th><td>${renderValue(one)}</td></tr>`,
    );
    return `<table class="fields"><tbody>${rows.join('')}</tbody></table>`;
  }
  if (typeof value !== 'string') return escape(JSON.stringify(value));
  return /^[{[]|^(?:npm|weir) /.test(value) ? `<code>${escape(value)}</code>` : escape(value);
}

function renderColumns(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const head = keys.map((key) => `<th>${escape(words(key))}</th>`).join('');
  const body = rows
    .map((row) => `<tr>${keys.map((key) => `<td>${renderValue(row[key])}</td>`).join('')}</tr>`)
    .join('');
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** Only addresses of the web become links; anything else (a script, a file) is shown as text. */
function renderLink({ href, text }: { readonly href: string; readonly text: string | null }): string {
  if (!/^https?:\/\//i.test(href)) return `<span class="dim">${escape(text ?? '')} ${escape(href)}</span> `;
  return `<a class="button" rel="noreferrer" href="${escape(href)}">${escape(text ?? href)}</a>`;
}

function tags({ status, severity }: Incident): string {
  const level = severity === null ? '' : `<span class="tag ${escape(severity)}">${escape(severity)}</span>`;
  return `<span class="tag state">${escape(status)}</span> ${level}`;
}

function since({ created_at, resolved_at }: Incident, now: number): string {
  const opened = Date.parse(created_at);
  if (resolved_at !== null)
    return `${escape(minute(created_at))}, resolved after ${duration(Date.parse(resolved_at) - opened)}`;
  return `since ${escape(minute(created_at))}, for ${duration(now - opened)}`;
}

function minute(iso: string): string {
  return `${iso.slice(0, 16).replace('T', ' ')} UTC`;
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return count(seconds, 'second', 'seconds');
  if (seconds < 7200) return count(Math.round(seconds / 60), 'minute', 'minutes');
  return count(Math.round(seconds / 3600), 'hour', 'hours');
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function words(key: string): string {
  return key.replaceAll('_', ' ');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function page(title: string, body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">${head}
<title>${escape(title)}</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
