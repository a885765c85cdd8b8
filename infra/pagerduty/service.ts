import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { readAlertEvent, readChangeEvent } from './events-api.ts';
import type { Failure } from './failures.ts';
import {
  apply,
  integrationName,
  receiveAlert,
  receiveChange,
  type Incidents,
  type Received,
} from './incidents.ts';

/** The paths of the Events API. */
export const PATHS = { alert: '/v2/enqueue', change: '/v2/change/enqueue' } as const;

/** One request to the Events API and how it was answered, for tests that count. */
export interface Answered {
  readonly at: string;
  readonly path: string;
  /** Null: no answer was given. */
  readonly status: number | null;
  readonly dedup_key: string | null;
  readonly event_action: string | null;
}

/** What the stand-in knows while it runs. Only accepted events outlive it. */
export interface Service {
  readonly incidents: Incidents;
  readonly failures: Failure[];
  readonly requests: Answered[];
  /** Epoch milliseconds of the calls of the last minute, by integration. */
  readonly calls: Map<string, number[]>;
  callsPerMinute: number;
  keep(event: Received): void;
}

/** An answer to a request. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Opens the service on the events that an earlier one kept. */
export function openService(stateFile: string | null, callsPerMinute: number): Service {
  const incidents: Incidents = { incidents: [], changes: [] };
  if (stateFile !== null && existsSync(stateFile)) replay(stateFile, incidents);
  else if (stateFile !== null) mkdirSync(dirname(stateFile), { recursive: true });
  return {
    incidents,
    failures: [],
    requests: [],
    calls: new Map(),
    callsPerMinute,
    keep(event) {
      // On disk before the answer: what was answered 202 is there after a kill.
      if (stateFile !== null) appendFileSync(stateFile, `${JSON.stringify(event)}\n`);
      apply(incidents, event);
    },
  };
}

function replay(stateFile: string, incidents: Incidents): void {
  const text = readFileSync(stateFile, 'utf8');
  for (const line of text.split('\n')) {
    const event = readLine(line);
    if (event) apply(incidents, event);
  }
  // A kill mid-write leaves half a line, whose event was never answered: what follows starts on a line of its own.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(stateFile, '\n');
}

function readLine(line: string): Received | null {
  try {
    return JSON.parse(line) as Received; // written by `keep` alone
  } catch {
    return null;
  }
}

/** The answer to too many calls. The service documents no Retry-After; it is sent when asked for. */
export function tooMany(retryAfter: number | string | null): Reply {
  const body = { status: 'throttle exceeded', message: 'Request Limit Exceeded' };
  return { status: 429, body, headers: retryAfterHeader(retryAfter) };
}

/** The header, where it is asked for. */
export function retryAfterHeader(retryAfter: number | string | null): Readonly<Record<string, string>> {
  return retryAfter === null ? {} : { 'Retry-After': String(retryAfter) };
}

/** Checks, limits and takes one event, and answers as the service does. */
export function enqueue(service: Service, path: string, body: unknown): Reply {
  const at = new Date().toISOString();
  const event = path === PATHS.alert ? readAlertEvent(body) : readChangeEvent(body);
  if ('errors' in event) return invalid(event.errors);
  if (!withinLimit(service, integrationName(event.routingKey), Date.now())) return tooMany(null);
  if (!('action' in event)) {
    service.keep(receiveChange(event, at));
    return { status: 202, body: { status: 'success', message: 'Change event processed' } };
  }
  const received = receiveAlert(event, at);
  service.keep(received);
  return {
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: received.dedupKey },
  };
}

/** The limit looks back 60 seconds from now, by integration key. */
function withinLimit(service: Service, integration: string, now: number): boolean {
  const recent = (service.calls.get(integration) ?? []).filter((at) => at > now - 60_000);
  const allowed = recent.length < service.callsPerMinute;
  service.calls.set(integration, allowed ? [...recent, now] : recent);
  return allowed;
}

/** The answer to an event that breaks the documented rules. */
export function invalid(errors: readonly string[]): Reply {
  return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } };
}

/**
 * Acknowledges an incident as a person does by pressing its button: it stays so whatever is sent of it, until it is
 * resolved.
 *
 * @returns whether there is such an incident.
 */
export function acknowledge(service: Service, incidentId: string): boolean {
  const incident = service.incidents.incidents.find(({ id }) => id === incidentId);
  if (incident === undefined) return false;
  const { integration, dedup_key: dedupKey } = incident;
  if (incident.status === 'triggered') {
    const at = new Date().toISOString();
    service.keep({ kind: 'alert', at, integration, action: 'acknowledge', dedupKey, content: null });
  }
  return true;
}
