import { once } from 'node:events';
import { defineCommand } from 'citty';
import { readSite } from '../../catalogue/read-site.ts';
import type { CatalogueSource } from '../../catalogue/read-site.ts';
import { serveCatalogue } from '../../catalogue/serve.ts';
import { faultText } from '../../catalogue/serve/fault.ts';
import type { Served } from '../../catalogue/serve.ts';
import { answer } from '../answer.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { withFiles } from '../selecting.ts';
import { withCatalogue } from './with-catalogue.ts';

/** A page asks several things at once, and several people ask for pages. */
const CONNECTIONS = 4;

/** `weir docs serve`: the catalogue, live. */
export default defineCommand({
  meta: {
    name: 'serve',
    description:
      'Serve the catalogue live: each page is made when it is asked for. There is no log-in: whoever reaches the address reads it, so put your own in front of it before it leaves this machine. Example: weir docs serve --port 8236 Exit codes: 0 it was stopped, 3 could not run, or the port is taken.',
  },
  args: {
    port: { type: 'string', default: '8236', description: 'where it listens; 0 for a free one' },
    host: { type: 'string', default: '127.0.0.1', description: 'the address it listens on' },
    json: { type: 'boolean', description: 'print where it listens as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { host } = args;
    const port = portOf(args.port);
    await withCatalogue('weir docs serve', CONNECTIONS, async (source) => {
      await withFiles(() => readSite(source));
      const served = await serve(source, host, port);
      answer(args.json, { url: served.url }, () => `The catalogue: ${served.url}\n`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await served.close();
    });
    return exitCodes.done;
  }),
});

async function serve(source: CatalogueSource, host: string, port: number): Promise<Served> {
  try {
    return await serveCatalogue({
      source,
      host,
      port,
      onFault: (path, error) => process.stderr.write(`weir: ${path}: ${faultText(error)}\n`),
    });
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
    if (code === 'EADDRINUSE')
      throw new Failure(`port ${port} of ${host} is taken: name another one with --port, or 0 for any`);
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Failure(
        `cannot listen on ${host}, port ${port} (${code}): name others with --host and --port`,
      );
    throw error;
  }
}

/** @throws Failure for what is no port. */
function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Failure(`--port is \`${text}\`: write a number from 0 to 65535, such as 8236.`);
}
