import { request } from 'node:https';
import { json, text } from 'node:stream/consumers';
import type { StandIn } from '../../../infra/pagerduty/stand-in.ts';
import type { Incident } from '../../../infra/pagerduty/incidents.ts';

/** An incident as `/api/incidents` shows it. */
export type IncidentJson = Incident;

/** One request to the stand-in, trusting its certificate. Answers JSON parsed, anything else as text. */
export async function requestStandIn<Body = unknown>(
  { url, ca }: Pick<StandIn, 'url' | 'ca'>,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<{
  readonly status: number;
  readonly body: Body;
  readonly headers: NodeJS.Dict<string | string[]>;
}> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, ca, agent: false }, (response) => {
      const isJson = response.headers['content-type'] === 'application/json';
      const { statusCode: status = 0, headers } = response;
      (isJson ? json(response) : text(response)).then(
        (read) => resolve({ status, body: read as Body, headers }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}
