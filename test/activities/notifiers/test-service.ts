import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { PlannedFailure } from './under-test.ts';

/** What a service made of one request. */
export interface Understood {
  readonly action: string;
  readonly key: string;
}

/** How a service reads and answers. */
export interface ServiceRules {
  /** The body of an answer that takes the event. */
  readonly taken: string;
  /** What a request says. */
  readonly read: (body: string, headers: IncomingHttpHeaders) => Understood;
  /** The body of an answer in the service's own words that takes nothing. */
  readonly refusal: string;
  /** Behind the port: where a path is the secret. */
  readonly path: string;
}

/** A service of a test's own: keeps what it was told, and fails as it is told. */
export interface TestService {
  readonly url: string;
  /** Everything that was taken, in order. */
  readonly taken: readonly Understood[];
  requests(): number;
  plan(failure: PlannedFailure | null): void;
  stop(): Promise<void>;
}

/** Starts one on a free port of this machine. */
export async function startTestService(rules: ServiceRules): Promise<TestService> {
  const taken: Understood[] = [];
  let planned: { readonly failure: PlannedFailure; left: number } | null = null;
  let requests = 0;
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const body = await text(request);
    const failure = planned !== null && planned.left-- > 0 ? planned.failure : null;
    if (failure !== null && failure.mode !== 'slow') return fail(failure, rules, request, response);
    taken.push(rules.read(body, request.headers));
    setTimeout(() => response.writeHead(200).end(rules.taken), failure?.delayMs ?? 0);
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the service has no port');
  return {
    url: `http://127.0.0.1:${address.port}/${rules.path}`,
    taken,
    requests: () => requests,
    plan: (failure) => {
      planned = failure === null ? null : { failure, left: failure.times ?? Number.POSITIVE_INFINITY };
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function fail(
  { mode, status, retryAfter }: PlannedFailure,
  { refusal }: ServiceRules,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (mode === 'hang') return;
  if (mode === 'cut') return void request.socket.destroy();
  if (mode === 'html')
    return void response.writeHead(status ?? 502).end('<!doctype html><h1>Bad gateway</h1>');
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  response.writeHead(mode === '429' ? 429 : (status ?? 500), headers).end(refusal);
}

/** Incidents of a key as events add up to them, oldest first: what a service without incidents of its own was told. */
export function incidentsOf(taken: readonly Understood[], key: string) {
  const incidents: { status: string; entries: number }[] = [];
  for (const { action } of taken.filter((one) => one.key === key && one.action !== 'change')) {
    const open = incidents.find(({ status }) => status === 'triggered');
    if (open) {
      open.entries += 1;
      if (action === 'resolve') open.status = 'resolved';
    } else if (action !== 'resolve') incidents.push({ status: 'triggered', entries: 1 });
  }
  return incidents;
}
