import type { IncomingMessage, ServerResponse } from 'node:http';
import { CONTENT_SECURITY_POLICY } from './frame.ts';
import { renderIncident, renderIndex, renderMissing } from './pages.ts';
import { acknowledge, type Service } from './service.ts';

/** A pressed *Acknowledge* leads back to the incident. Only a button of our own pages may press it. */
export function answerPress(
  service: Service,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const id = /^\/incidents\/(\w+)\/acknowledge$/.exec(path)?.[1];
  const isOurs = (request.headers['sec-fetch-site'] ?? 'same-origin') === 'same-origin';
  const isDone = id !== undefined && isOurs && acknowledge(service, id);
  response.writeHead(isDone ? 303 : isOurs ? 404 : 403, isDone ? { Location: `/incidents/${id}` } : {});
  response.end();
}

/** Answers with the page of an address: the list, an incident, or that there is none. */
export function sendPage(service: Service, path: string, response: ServerResponse): void {
  const id = /^\/incidents\/(\w+)$/.exec(path)?.[1];
  const incident = service.incidents.incidents.find((one) => one.id === id);
  const now = Date.now();
  const html = incident
    ? renderIncident(incident, service.incidents.changes, now)
    : path === '/'
      ? renderIndex(service.incidents, now)
      : null;
  response.writeHead(html === null ? 404 : 200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Cache-Control': 'no-store',
  });
  response.end(html ?? renderMissing());
}
