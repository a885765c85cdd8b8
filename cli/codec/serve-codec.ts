import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ValueError, type Payload, type PayloadCodec } from '@temporalio/common';
import { isPayloads, payloadsFromJson, payloadsToJson } from './payload-json.ts';

/** Where a codec server listens, and whom it answers. */
export interface CodecServerOptions {
  readonly codec: PayloadCodec;
  /** 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  /** Origins of the Temporal UI, `http://localhost:8233`: pages of others get nothing. */
  readonly origins: readonly string[];
  /** What has to come as `Authorization: Bearer …`; null where who reaches the port has been asked who they are. */
  readonly token: string | null;
}

/** A codec server that listens. */
export interface CodecServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Several times what one message of Temporal's may have. */
const MOST_BYTES = 32_000_000;

/**
 * Serves `/encode` and `/decode` as the Temporal UI and CLI ask for them: payloads as JSON of their protobuf, in and out.
 *
 * @see https://docs.temporal.io/production-deployment/data-encryption#codec-server-setup
 */
export async function serveCodec(options: CodecServerOptions): Promise<CodecServer> {
  const server = createServer((request, response) => {
    handle(options, request, response).catch(() => {
      // Never what was thrown: it may have been made of a payload.
      if (!response.headersSent) answer(response, 500, { message: 'the codec server failed' });
      else response.destroy();
    });
  });
  server.requestTimeout = 30_000;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(
  options: CodecServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers;
  if (origin !== undefined && !options.origins.includes(origin))
    return answer(response, 403, {
      message: `pages of ${origin} are not answered: start with --origin for that one`,
    });
  // Where there is no origin it is no page of a browser that asks.
  if (origin !== undefined) allow(response, origin);
  if (request.method === 'OPTIONS') return answer(response, 204, null);
  const work = { '/encode': 'encode', '/decode': 'decode' }[new URL(request.url ?? '/', 'http://x').pathname];
  if (request.method !== 'POST' || (work !== 'encode' && work !== 'decode'))
    return answer(response, 404, { message: 'There is POST /encode and POST /decode.' });
  if (!isJson(request)) return answer(response, 415, { message: 'Send application/json.' });
  if (!mayAsk(options, request))
    return answer(response, 401, { message: 'Authorization: Bearer TOKEN is missing or wrong.' });
  const payloads = await readPayloads(request);
  if (payloads === null)
    return answer(response, 400, {
      message: 'Send {"payloads": [{"metadata": {…}, "data": "base64"}]}, at most 32 MB.',
    });
  try {
    answer(response, 200, payloadsToJson(await options.codec[work](payloads)));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    answer(response, 400, { message: error.message });
  }
}

/** Pages of the UI's origin alone may read the answer. */
function allow(response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('vary', 'origin');
  response.setHeader('access-control-allow-methods', 'POST, OPTIONS');
  response.setHeader('access-control-allow-headers', 'content-type, x-namespace, authorization');
  response.setHeader('access-control-allow-credentials', 'true');
  // A page of a public address may ask a server of this machine only where that says so.
  response.setHeader('access-control-allow-private-network', 'true');
}

/** A form of a foreign page cannot send this type without asking first. */
function isJson({ headers }: IncomingMessage): boolean {
  return /^application\/json\b/i.test(headers['content-type'] ?? '');
}

function mayAsk({ token }: CodecServerOptions, { headers }: IncomingMessage): boolean {
  if (token === null) return true;
  const given = Buffer.from((headers.authorization ?? '').replace(/^Bearer /, ''));
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readPayloads(request: IncomingMessage): Promise<Payload[] | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) return null;
    size += chunk.length;
    // The rest is read and let go: who is still sending when the connection closes hears no answer.
    if (size <= MOST_BYTES) chunks.push(chunk);
  }
  if (size > MOST_BYTES) return null;
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return isPayloads(body) ? payloadsFromJson(body) : null;
  } catch {
    return null;
  }
}

function answer(response: ServerResponse, status: number, body: object | null): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body === null ? '' : JSON.stringify(body));
}
