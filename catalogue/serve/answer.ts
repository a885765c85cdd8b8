import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** What is sent, before it is packed. */
export interface Answer {
  readonly status: 200 | 301 | 404 | 405 | 421 | 500 | 503;
  /** With its character set. */
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as it goes over the line; packed once, however many ask. */
export interface Packed extends Answer {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly tag: string;
}

/**
 * Nothing but the site's own style and script: a name or a reason that got past the templates would do nothing.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
 */
const SAFE = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  // What is shown again is asked for again: a page of an hour ago would be believed.
  'Cache-Control': 'no-cache',
  Vary: 'Accept-Encoding',
} as const;

const pack = promisify(gzip);

/** Makes an answer ready to be sent. */
export async function packed(answer: Answer): Promise<Packed> {
  const plain = Buffer.from(answer.text);
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { ...answer, plain, gzipped: await pack(plain), tag };
}

/** Sends it: nothing where the reader has it already, no body where only the head was asked for. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Packed): void {
  const { status, type, plain, gzipped, tag, headers } = answer;
  if (status === 200 && (request.headers['if-none-match'] ?? '').includes(tag)) {
    response.writeHead(304, { ...SAFE, ETag: tag }).end();
    return;
  }
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const body = takesGzip ? gzipped : plain;
  response.writeHead(status, {
    ...SAFE,
    ...headers,
    'Content-Type': type,
    'Content-Length': body.length,
    ...(takesGzip ? { 'Content-Encoding': 'gzip' } : {}),
    ...(status === 200 ? { ETag: tag } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
