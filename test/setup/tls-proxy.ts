import { once } from 'node:events';
import {
  connect,
  constants,
  createSecureServer,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { generate } from 'selfsigned';

/** A Temporal as somebody else runs it: TLS, client certificates and API keys before a server that knows none of them. */
export interface TlsProxy {
  /** `localhost:port`; its certificate names {@link SERVER_NAME} instead. */
  readonly address: string;
  readonly authority: string;
  readonly client: { readonly cert: string; readonly key: string };
  /** Calls that came with the key, by `/service/method`. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

export const SERVER_NAME = 'temporal.test';

/** Certificate and key, PEM; signed by nobody but itself when left out. */
async function certificate(name: string, ca?: { readonly key: string; readonly cert: string }) {
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 86_400_000),
    ...(ca === undefined ? {} : { ca: { ...ca } }),
    extensions:
      ca === undefined
        ? [
            { name: 'basicConstraints', cA: true, critical: true },
            { name: 'keyUsage', keyCertSign: true, digitalSignature: true },
          ]
        : [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
  });
  return { key: made.private, cert: made.cert };
}

/** Starts one before a server. @param apiKey without which it answers as Temporal does: UNAUTHENTICATED. */
export async function startTlsProxy(upstream: string, apiKey: string): Promise<TlsProxy> {
  const authority = await certificate('test authority');
  const [own, client] = await Promise.all([
    certificate(SERVER_NAME, authority),
    certificate('weir', authority),
  ]);
  const behind = connect(`http://${upstream}`);
  const calls: string[] = [];
  const server = createSecureServer({
    ...own,
    ca: authority.cert,
    requestCert: true,
    rejectUnauthorized: true,
  });
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers.authorization !== `Bearer ${apiKey}`) return refuse(stream);
    calls.push(headers[':path'] ?? '');
    forward(behind, stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const listening = server.address();
  const port = typeof listening === 'object' && listening !== null ? listening.port : 0;
  return {
    address: `localhost:${port}`,
    authority: authority.cert,
    client,
    calls,
    close: async () => {
      for (const session of sessions) session.destroy();
      behind.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

function refuse(stream: ServerHttp2Stream): void {
  stream.respond(
    {
      ':status': 200,
      'content-type': 'application/grpc',
      'grpc-status': '16',
      'grpc-message': 'Request unauthenticated',
    },
    { endStream: true },
  );
}

/** Hands a call on, and its answer back with the trailers that say how it ended. */
function forward(behind: ClientHttp2Session, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  const { authorization: _key, ...rest } = headers;
  const call = behind.request({ ...rest, ':scheme': 'http' });
  let trailers: IncomingHttpHeaders = {};
  call.on('error', () => stream.close());
  call.on('trailers', (sent) => (trailers = sent));
  call.on('response', (answer, flags) => {
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) return stream.respond(answer, { endStream: true });
    stream.respond(answer, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    call.pipe(stream);
  });
  stream.on('close', () => call.close());
  stream.pipe(call);
}
