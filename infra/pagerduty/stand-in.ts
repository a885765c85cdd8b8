import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { answerPress, sendPage } from './answer-pages.ts';
import { keptCertificate } from './certificate.ts';
import { isFields, LIMITS } from './events-api.ts';
import { readFailure, takeFailure, type Failure } from './failures.ts';
import {
  enqueue,
  invalid,
  openService,
  PATHS,
  retryAfterHeader,
  tooMany,
  type Reply,
  type Service,
} from './service.ts';

export interface StandInOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Where accepted events are kept, one a line. Without it nothing survives a stop. */
  readonly stateFile?: string;
  /** The address to listen on. Default `127.0.0.1`; the certificate is for `localhost` only. */
  readonly host?: string;
  /** Calls a minute and routing key before 429. Default: what the service documents, 120. */
  readonly callsPerMinute?: number;
}

export interface StandIn {
  /** `localhost:PORT`, as pdjs's `server` wants it. */
  readonly server: string;
  readonly url: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  stop(): Promise<void>;
}

/**
 * Starts a stand-in for PagerDuty's Events API v2: the documented fields, limits and answers over TLS, and the
 * incidents they add up to on a web page (`/`) and as JSON (`/api/incidents`). `POST /api/failures` makes it fail.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { port = 0, stateFile = null, host = '127.0.0.1', callsPerMinute = LIMITS.callsPerMinute } = options;
  const certificate = await keptCertificate(stateFile === null ? null : dirname(stateFile));
  const service = openService(stateFile, callsPerMinute);
  const stopped = new AbortController();
  const server = createServer(certificate, (request, response) => {
    handle(service, request, response, stopped.signal).catch((error: unknown) => {
      // A client that went away mid-answer is no news; anything else is ours to see.
      if (!stopped.signal.aborted && !response.destroyed) console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const name = `localhost:${typeof address === 'object' && address !== null ? address.port : port}`;
  return {
    server: name,
    url: `https://${name}`,
    ca: certificate.cert,
    stop: () =>
      new Promise((resolve) => {
        stopped.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function handle(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  stopped: AbortSignal,
) {
  const { pathname } = new URL(request.url ?? '/', 'https://localhost');
  if (pathname === PATHS.alert || pathname === PATHS.change) {
    await answerEvent(service, pathname, request, response, stopped);
  } else if (pathname.startsWith('/api/')) {
    send(response, await answerApi(service, pathname, request));
  } else if (request.method === 'POST') {
    answerPress(service, pathname, request, response);
  } else {
    sendPage(service, pathname, response);
  }
}

async function answerEvent(
  service: Service,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  stopped: AbortSignal,
): Promise<void> {
  const body = await readBody(request, LIMITS.bodyBytes);
  const answered = (status: number | null) => {
    const fields = isFields(body.json) ? body.json : {};
    const text = (value: unknown) => (typeof value === 'string' ? value : null);
    const { dedup_key, event_action } = {
      dedup_key: text(fields['dedup_key']),
      event_action: text(fields['event_action']),
    };
    service.requests.push({ at: new Date().toISOString(), path, status, dedup_key, event_action });
  };
  const failure = takeFailure(service.failures, Date.now());
  const take = () => (body.problem === null ? enqueue(service, path, body.json) : invalid([body.problem]));
  const reply = failure && !failure.accept ? null : take();
  if (!failure) {
    answered(reply?.status ?? null);
    if (reply) send(response, reply);
  } else if (failure.mode === 'slow' && reply) {
    await wait(failure.delayMs, undefined, { signal: stopped });
    answered(reply.status);
    send(response, reply);
  } else {
    answered(fail(failure, response));
  }
}

/** Fails as it was told; answers the status that was sent, or null for none. */
function fail(failure: Failure, response: ServerResponse): number | null {
  switch (failure.mode) {
    case '429':
      send(response, tooMany(failure.retryAfter));
      return 429;
    case 'html':
      response.writeHead(failure.status, { 'Content-Type': 'text/html' });
      response.end('<!doctype html><title>Bad gateway</title><h1>Bad gateway</h1>');
      return failure.status;
    case 'cut':
      response.socket?.destroy();
      return null;
    case 'hang':
    case 'slow':
      return null;
    case '500':
      send(response, {
        status: failure.status,
        body: { status: 'error', message: 'Internal Server Error' },
        headers: retryAfterHeader(failure.retryAfter),
      });
      return failure.status;
  }
}

async function answerApi(service: Service, path: string, request: IncomingMessage): Promise<Reply> {
  const { method, url = '/' } = request;
  const { incidents, changes } = service.incidents;
  const [, , name, id] = path.split('/');
  if (method === 'GET' && name === 'incidents' && id === undefined) {
    const query = new URL(url, 'https://localhost').searchParams;
    const wanted = (field: 'dedup_key' | 'status', value: string) => [null, value].includes(query.get(field));
    return ok({
      incidents: incidents.filter((i) => wanted('dedup_key', i.dedup_key) && wanted('status', i.status)),
    });
  }
  if (method === 'GET' && name === 'incidents') {
    const incident = incidents.find((one) => one.id === id);
    return incident ? ok({ incident }) : { status: 404, body: { message: 'No such incident' } };
  }
  if (method === 'GET' && name === 'changes') return ok({ changes });
  if (method === 'GET' && name === 'requests') return ok({ requests: service.requests });
  if (method === 'DELETE' && name === 'failures') {
    service.failures.length = 0;
    return ok({ failures: [] });
  }
  if (method === 'POST' && (name === 'failures' || name === 'limits')) {
    return plan(service, name, (await readBody(request, 4_096)).json);
  }
  return { status: 404, body: { message: `Nothing at ${method ?? ''} ${path}` } };
}

function plan(service: Service, name: 'failures' | 'limits', body: unknown): Reply {
  if (name === 'limits') {
    const calls = isFields(body) ? body['callsPerMinute'] : undefined;
    if (typeof calls !== 'number')
      return { status: 400, body: { message: 'give {"callsPerMinute": number}' } };
    service.callsPerMinute = calls;
    return ok({ callsPerMinute: calls });
  }
  const failure = readFailure(body);
  if (typeof failure === 'string') return { status: 400, body: { message: failure } };
  service.failures.push(failure);
  return ok({ failures: service.failures });
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', ...headers });
  response.end(JSON.stringify(body));
}

interface Body {
  readonly json: unknown;
  /** Why there is no JSON; null when there is. */
  readonly problem: string | null;
}

async function readBody(request: IncomingMessage, limitBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // What is over the limit is read to its end, so that the client meets the answer and not a broken pipe.
    if (bytes <= limitBytes) chunks.push(chunk);
  }
  if (bytes > limitBytes)
    return { json: null, problem: `Event is too large (${bytes} bytes, maximum ${limitBytes})` };
  try {
    return { json: JSON.parse(Buffer.concat(chunks).toString('utf8')), problem: null };
  } catch {
    return { json: null, problem: 'The body is not valid JSON' };
  }
}
