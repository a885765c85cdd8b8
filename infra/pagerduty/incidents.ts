import { createHash, randomUUID } from 'node:crypto';
import type { Action, AlertEvent, ChangeEvent, Content, Severity } from './events-api.ts';

/** One event that was applied to an incident. */
export interface LogEntry {
  readonly at: string;
  readonly type: Action;
  readonly summary: string | null;
  readonly severity: Severity | null;
  readonly custom_details: unknown;
  readonly links: Content['links'];
  readonly client: string | null;
  readonly client_url: string | null;
}

/** An incident as the JSON API and the pages show it; field names are PagerDuty's. */
export interface Incident {
  readonly id: string;
  readonly incident_number: number;
  /** A name for the routing key that does not give it away. */
  readonly integration: string;
  readonly dedup_key: string;
  readonly status: 'triggered' | 'acknowledged' | 'resolved';
  readonly summary: string;
  readonly severity: Severity | null;
  readonly source: string | null;
  readonly component: string | null;
  readonly group: string | null;
  readonly class: string | null;
  readonly timestamp: string | null;
  readonly custom_details: unknown;
  readonly links: Content['links'];
  readonly images: Content['images'];
  readonly client: string | null;
  readonly client_url: string | null;
  readonly created_at: string;
  readonly acknowledged_at: string | null;
  readonly resolved_at: string | null;
  readonly log_entries: readonly LogEntry[];
}

export interface Change {
  readonly at: string;
  readonly integration: string;
  readonly summary: string;
  readonly source: string | null;
  readonly custom_details: unknown;
  readonly links: Content['links'];
}

/** An accepted event as it is kept: the routing key only as its name. */
export type Received = { readonly at: string; readonly integration: string } & (
  | {
      readonly kind: 'alert';
      readonly action: Action;
      readonly dedupKey: string;
      readonly content: Content | null;
    }
  | { readonly kind: 'change'; readonly content: Content }
);

/** All incidents, oldest first, and all change events: what the journal of accepted events adds up to. */
export interface Incidents {
  readonly incidents: Incident[];
  readonly changes: Change[];
}

/** Names an integration by its key without keeping the key, which is a secret. */
export function integrationName(routingKey: string): string {
  return `integration-${createHash('sha256').update(routingKey).digest('hex').slice(0, 8)}`;
}

/** An alert event as it will be kept; a missing dedup key is made up here, as the service does. */
export function receiveAlert(event: AlertEvent, at: string): Received & { kind: 'alert' } {
  const { action, content } = event;
  const integration = integrationName(event.routingKey);
  return { kind: 'alert', at, integration, action, dedupKey: event.dedupKey ?? randomUUID(), content };
}

/** A change event as it will be kept. */
export function receiveChange(event: ChangeEvent, at: string): Received {
  return { kind: 'change', at, integration: integrationName(event.routingKey), content: event.content };
}

/**
 * Applies one accepted event. A trigger opens an incident or adds to the open one of the same integration and dedup
 * key; acknowledge and resolve change an open one and are dropped where there is none; after a resolve a trigger
 * opens a new one.
 *
 * @see https://developer.pagerduty.com/docs/send-alert-event#alert-de-duplication
 */
export function apply(state: Incidents, event: Received): void {
  if (event.kind === 'change') {
    const { summary, source, customDetails, links } = event.content;
    const { at, integration } = event;
    state.changes.push({ at, integration, summary, source, custom_details: customDetails, links });
    return;
  }
  const index = state.incidents.findIndex(
    (incident) =>
      incident.integration === event.integration &&
      incident.dedup_key === event.dedupKey &&
      incident.status !== 'resolved',
  );
  const open = state.incidents[index];
  if (open) state.incidents[index] = add(open, event);
  else if (event.action === 'trigger') state.incidents.push(openIncident(event, state.incidents.length + 1));
}

function openIncident(event: Received & { kind: 'alert' }, number: number): Incident {
  const { content } = event;
  return {
    id: `Q${number.toString(36).toUpperCase().padStart(6, '0')}`,
    incident_number: number,
    integration: event.integration,
    dedup_key: event.dedupKey,
    status: 'triggered',
    summary: content?.summary ?? '',
    severity: content?.severity ?? null,
    source: content?.source ?? null,
    component: content?.component ?? null,
    group: content?.group ?? null,
    class: content?.class ?? null,
    timestamp: content?.timestamp ?? null,
    custom_details: content?.customDetails ?? null,
    links: content?.links ?? [],
    images: content?.images ?? [],
    client: content?.client ?? null,
    client_url: content?.clientUrl ?? null,
    created_at: event.at,
    acknowledged_at: null,
    resolved_at: null,
    log_entries: [logEntry(event)],
  };
}

function add(incident: Incident, event: Received & { kind: 'alert' }): Incident {
  const log_entries = [...incident.log_entries, logEntry(event)];
  if (event.action === 'resolve')
    return { ...incident, status: 'resolved', resolved_at: event.at, log_entries };
  if (event.action === 'acknowledge') {
    return {
      ...incident,
      status: 'acknowledged',
      acknowledged_at: incident.acknowledged_at ?? event.at,
      log_entries,
    };
  }
  return { ...incident, log_entries };
}

function logEntry({ at, action, content }: Received & { kind: 'alert' }): LogEntry {
  return {
    at,
    type: action,
    summary: content?.summary ?? null,
    severity: content?.severity ?? null,
    custom_details: content?.customDetails ?? null,
    links: content?.links ?? [],
    client: content?.client ?? null,
    client_url: content?.clientUrl ?? null,
  };
}
