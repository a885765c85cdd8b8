import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { frame } from './frame.ts';
import { looks } from './looks.ts';
import { pageKinds } from './pages.ts';
import { readSite } from './read-site.ts';
import type { CatalogueSource } from './read-site.ts';
import { addressesFrom } from './addresses.ts';
import { packed, send } from './serve/answer.ts';
import type { Answer, Packed } from './serve/answer.ts';
import { faultOf } from './serve/fault.ts';
import { otherHost, otherHostText } from './serve/asked-host.ts';
import { keepShortly } from './serve/keep-shortly.ts';
import { faultPage, missingPage } from './serve/no-page.ts';
import { placeOf } from './serve/place.ts';
import type { Page, PageFolder, PageKind } from './site.ts';

/** Where to serve what. */
export interface ServeOptions {
  readonly source: CatalogueSource;
  /** The address to listen on; `127.0.0.1` where left out: whoever reaches it may read it. */
  readonly host?: string;
  /** Names that people open it by, besides `host`, addresses and `localhost`: asked for by another it answers nothing. */
  readonly names?: readonly string[];
  /** 0 takes any that is free. */
  readonly port: number;
  readonly kinds?: readonly PageKind[];
  /** How long a page is good for all who ask, in milliseconds. */
  readonly keepMs?: number;
  /** Hears why a page could not be made. */
  readonly onFault?: (path: string, error: unknown) => void;
}

/** A catalogue that is being served. */
export interface Served {
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Long enough for a crowd that opens one page at once, short enough that nobody reloads in vain. */
const KEEP_MS = 1_000;

const HTML = 'text/html; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';

/**
 * Serves the catalogue, each page made when it is asked for. Nothing is written, and only GET and HEAD are answered,
 * to whoever asked for it by a name of its own.
 *
 * @throws Error of Node where the port is taken (`EADDRINUSE`).
 */
export async function serveCatalogue(options: ServeOptions): Promise<Served> {
  const { host = '127.0.0.1', port, keepMs = KEEP_MS, onFault } = options;
  const answerAt = keepShortly(keepMs, async (path) => await packed(await answerOf(options, path)));
  const names = [host, ...(options.names ?? [])];
  const server = createServer((request, response) => {
    respond(answerAt, names, request, response).catch((error: unknown) => {
      // Whatever one request does, the others are answered.
      onFault?.(request.url ?? '', error);
      response.destroy();
    });
  });
  await listen(server, port, host);
  // Laying out the drawing of all models takes a second or more, once: not that of whoever opens it first.
  void pageAt(options, 'graph', 'index').catch(() => undefined);
  const address = server.address();
  const taken = typeof address === 'object' && address !== null ? address.port : port;
  const named = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${named}:${taken}`, close: async () => await closed(server) };
}

async function respond(
  answerAt: (path: string) => Promise<Packed>,
  names: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const other = otherHost(request.headers.host, names);
  if (other !== null) {
    send(request, response, await packed({ status: 421, type: TEXT, text: otherHostText(other) }));
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const text = 'The catalogue is only read: GET and HEAD.\n';
    const headers = { Allow: 'GET, HEAD' };
    send(request, response, await packed({ status: 405, type: TEXT, text, headers }));
    return;
  }
  const [path = '/'] = (request.url ?? '/').split('?');
  send(request, response, await answerAt(path));
}

/** What stands at a path. Never throws: what could not be made says so. */
async function answerOf(options: ServeOptions, path: string): Promise<Answer> {
  const place = placeOf(path);
  if (place.kind === 'elsewhere')
    return { status: 301, type: HTML, text: '', headers: { Location: place.path } };
  if (place.kind === 'file') {
    const look = (await looks()).find(({ file }) => file === place.file);
    if (look !== undefined) return { status: 200, type: look.type, text: look.text };
  }
  if (place.kind !== 'page') return await missing(options, path);
  try {
    return (await pageAt(options, place.folder, place.id)) ?? (await missing(options, path));
  } catch (error) {
    options.onFault?.(path, error);
    const fault = faultOf(error);
    const text = standing(options, path, faultPage(fault));
    return { status: fault.status, type: HTML, text, headers: { 'Retry-After': '10' } };
  }
}

async function pageAt(options: ServeOptions, folder: PageFolder, id: string): Promise<Answer | null> {
  const kinds = options.kinds ?? pageKinds;
  const kind = kinds.find((one) => one.folder === folder);
  if (kind === undefined) return null;
  const site = await readSite(options.source);
  const page = await kind.page(site, id, addressesFrom(folder === '' ? 0 : 1));
  return page === null ? null : { status: 200, type: HTML, text: frame({ site, kinds, folder, id, page }) };
}

async function missing(options: ServeOptions, path: string): Promise<Answer> {
  return { status: 404, type: HTML, text: standing(options, path, missingPage(depthOf(path))) };
}

/** A page that needs no database. */
function standing({ source, kinds = pageKinds }: ServeOptions, path: string, page: Page): string {
  const site = { at: new Date(), environment: source.environment };
  return frame({ site, kinds, folder: null, id: 'index', depth: depthOf(path), page });
}

function depthOf(path: string): number {
  // What a request names need be no path: `GET *`.
  return Math.max(0, path.split('/').length - 2);
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}

async function closed(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
