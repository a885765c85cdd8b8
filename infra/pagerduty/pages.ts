import { escape, framed } from './frame.ts';
import type { Change, Incident, Incidents, LogEntry } from './incidents.ts';
import { renderDetails, renderPlain, renderText, renderTime } from './render-details.ts';
import { agoText, countText, minuteText, spanText } from './times.ts';

/** Resolved incidents and change events of the list; the JSON API has all. */
const RESOLVED = 100;
const CHANGES = 20;
/** Changes of so long before an incident stand on its page: what changed lately is what broke it, often enough. */
const CHANGES_BEFORE_MS = 24 * 3_600_000;

/** The list: open incidents first, then the latest resolved ones and change events. Looks again every 5 seconds. */
export function renderIndex({ incidents, changes }: Incidents, now: number): string {
  const open = incidents.filter(({ status }) => status !== 'resolved').toReversed();
  const resolved = incidents.filter(({ status }) => status === 'resolved').toReversed();
  const list = (some: readonly Incident[], none: string) =>
    some.length > 0
      ? some.map((incident) => renderCard(incident, now)).join('')
      : `<p class="dim">${none}</p>`;
  return framed(
    open.length > 0 ? `(${open.length}) Incidents` : 'Incidents',
    `<h1>Incidents</h1><p class="dim">A stand-in for PagerDuty: what its Events API was sent, as a responder sees it.</p>
    <h2>Open (${open.length})</h2>${list(open, 'Nothing is open.')}
    <h2>Resolved (${resolved.length})</h2>${list(resolved.slice(0, RESOLVED), 'Nothing was resolved yet.')}
    <h2>Recent changes (${changes.length})</h2>${renderChanges(changes, now, 'No change was told.')}`,
    '<meta http-equiv="refresh" content="5">',
  );
}

/** One incident in full: what the newest event says first, where to go, then what happened and what it is about. */
export function renderIncident(incident: Incident, changes: readonly Change[], now: number): string {
  const told = incident.log_entries.filter(({ type }) => type === 'trigger').at(-1) ?? null;
  const opened = Date.parse(incident.created_at);
  const lately = changes.filter(({ at }) => Math.abs(opened - Date.parse(at)) < CHANGES_BEFORE_MS);
  return framed(
    incident.summary,
    `<p><a href="/">All incidents</a></p><div class="${escape(incident.status)}"><p>${tags(incident)}
    <span class="dim">#${incident.incident_number} · ${since(incident, now)} · as of ${minuteText(now).slice(11)}, <a href="">look again</a></span></p>
    ${renderHeadline(incident.summary, now)}</div>${renderNews(incident, now)}
    <div class="actions">${linksOf(incident, told).map(renderLink).join('')}${acknowledgeForm(incident)}</div>
    ${renderDetails(told?.custom_details ?? incident.custom_details, now)}
    <h2>Log</h2><ol class="log">${incident.log_entries.map((entry, index) => renderLogEntry(entry, { index, shown: entry === told }, now)).join('')}</ol>
    ${lately.length > 0 ? `<h2>Changes of the day before</h2>${renderChanges(lately, now, '')}` : ''}
    <h2>About</h2>${renderDetails(aboutOf(incident), now)}`,
  );
}

/** What is shown for an address that is not there. */
export function renderMissing(): string {
  return framed('Not found', '<h1>Not found</h1><p><a href="/">All incidents</a></p>');
}

/** The first sentence large, the others as text: a summary may have 1,024 characters. */
function renderHeadline(summary: string, now: number): string {
  const [, first = summary, rest = ''] = /^(.{10,}?[.!?])\s+(\S.*)$/s.exec(summary) ?? [];
  return `<h1>${renderText(first, now)}</h1>${rest === '' ? '' : `<p>${renderText(rest, now)}</p>`}`;
}

/** What came after the first event and changes how it is read: that it is over, or what the newest update says. */
function renderNews({ status, log_entries }: Incident, now: number): string {
  const last = log_entries.findLast(({ type }) => type === (status === 'resolved' ? 'resolve' : 'trigger'));
  if (last === undefined || last === log_entries[0]) return '';
  const word = status === 'resolved' ? 'Resolved' : 'Updated';
  return `<div class="card ${escape(status)}"><b>${word} ${agoText(Date.parse(last.at), now)}</b> ${renderText(last.summary ?? '', now)}</div>`;
}

/** The newest event's links; those of the first where it brings none. */
function linksOf(incident: Incident, told: LogEntry | null): readonly Target[] {
  const { links, client_url, client } = told !== null && told.links.length > 0 ? told : incident;
  const named = links.some(({ href }) => href === client_url);
  return [
    ...(client_url === null || named ? [] : [{ href: client_url, text: client }]),
    ...links,
    ...incident.images.map(({ src, href, alt }) => ({ href: href ?? src, text: alt ?? 'image' })),
  ];
}

function acknowledgeForm({ id, status }: Incident): string {
  if (status !== 'triggered') return '';
  return `<form method="post" action="/incidents/${escape(id)}/acknowledge"><button class="button">Acknowledge</button></form>`;
}

function aboutOf(incident: Incident): Readonly<Record<string, string | null>> {
  const { source, component, group, class: kind, dedup_key, integration, acknowledged_at } = incident;
  const facts = { source, component, group, class: kind, dedup_key, integration, acknowledged_at };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
}

function renderCard(incident: Incident, now: number): string {
  return `<a class="card ${escape(incident.status)}" href="/incidents/${escape(incident.id)}">
    <strong>${renderPlain(incident.summary)}</strong> ${tags(incident)}
    <span class="dim">#${incident.incident_number} · ${since(incident, now)} · ${countText(incident.log_entries.length, 'entry', 'entries')}</span></a>`;
}

function renderChanges(changes: readonly Change[], now: number, none: string): string {
  if (changes.length === 0) return `<p class="dim">${none}</p>`;
  return changes
    .slice(-CHANGES)
    .toReversed()
    .map((change) => renderChange(change, now))
    .join('');
}

function renderChange({ at, summary, source, links, custom_details }: Change, now: number): string {
  const details =
    custom_details === null
      ? ''
      : `<details><summary>details</summary>${renderDetails(custom_details, now)}</details>`;
  return `<div class="card"><strong>${renderText(summary, now)}</strong>
    <span class="dim">${renderTime(at, now)} · ${escape(source ?? '')}</span>
    ${links.length > 0 ? `<div class="actions">${links.map(renderLink).join('')}</div>` : ''}${details}</div>`;
}

const WORDS = { trigger: 'triggered', acknowledge: 'acknowledged', resolve: 'resolved' } as const;

function renderLogEntry(
  entry: LogEntry,
  { index, shown }: { readonly index: number; readonly shown: boolean },
  now: number,
): string {
  const word = entry.type === 'trigger' && index > 0 ? 'updated' : WORDS[entry.type];
  const details =
    entry.custom_details === null || shown
      ? ''
      : `<details><summary>details</summary>${renderDetails(entry.custom_details, now)}</details>`;
  return `<li><strong>${word}</strong> <span class="dim">${renderTime(entry.at, now)}</span>
    ${renderText(entry.summary ?? '', now)}${details}</li>`;
}

interface Target {
  readonly href: string;
  readonly text: string | null;
}

/**
 * Only addresses of the web become links; anything else (a script, a file) is shown as text. In a tab of its own: the
 * incident stays where it is.
 */
function renderLink({ href, text }: Target): string {
  if (!/^https?:\/\//i.test(href)) return `<span class="dim">${escape(text ?? '')} ${escape(href)}</span> `;
  return `<a class="button" target="_blank" rel="noreferrer" href="${escape(href)}">${escape(text ?? href)}</a>`;
}

function tags({ status, severity }: Incident): string {
  const level = severity === null ? '' : `<span class="tag ${escape(severity)}">${escape(severity)}</span>`;
  return `<span class="tag state">${escape(status)}</span> ${level}`;
}

function since({ created_at, resolved_at }: Incident, now: number): string {
  const opened = Date.parse(created_at);
  return resolved_at === null
    ? `since ${minuteText(opened)}, for ${spanText(now - opened)}`
    : `${minuteText(opened)}, resolved after ${spanText(Date.parse(resolved_at) - opened)}`;
}
