import { once } from 'node:events';
import { defineCommand } from 'citty';
import { readSite } from '../../catalogue/read-site.ts';
import { serveCatalogue } from '../../catalogue/serve.ts';
import { hostOf } from '../../catalogue/serve/asked-host.ts';
import { faultText } from '../../catalogue/serve/fault.ts';
import type { Served, ServeOptions } from '../../catalogue/serve.ts';
import { readCatalogueUrl } from '../../workers/settings.ts';
import { answer } from '../answer.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';
import { BEHIND_PROXY, readPort, refuseOpen } from '../listening.ts';
import { withFiles } from '../selecting.ts';
import { withCatalogue } from './with-catalogue.ts';

/** A page asks several things at once, and several people ask for pages. */
const CONNECTIONS = 4;

/** `weir docs serve`: the catalogue, live. */
export default defineCommand({
  meta: {
    name: 'serve',
    description:
      'Serve the catalogue live: each page is made when it is asked for. There is no log-in: whoever reaches the address reads it, so elsewhere than on this machine it starts only behind a proxy that asks who somebody is. Example: weir docs serve --port 8236 Exit codes: 0 it was stopped, 3 could not run, or the port is taken.',
  },
  args: {
    port: { type: 'string', default: '8236', description: 'where it listens; 0 for a free one' },
    host: { type: 'string', default: '127.0.0.1', description: 'the address it listens on' },
    name: {
      type: 'string',
      description:
        'a name that people open it by, besides its address and localhost; several with commas; default: that of WEIR_CATALOGUE_URL',
    },
    'behind-proxy': { type: 'boolean', description: BEHIND_PROXY },
    json: { type: 'boolean', description: 'print where it listens as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const { host } = args;
    const port = readPort(args.port);
    const isGuarded = args['behind-proxy'] === true;
    refuseOpen(host, { danger: 'read the catalogue', otherwise: null, isGuarded });
    await withCatalogue('weir docs serve', CONNECTIONS, async (source) => {
      await withFiles(() => readSite(source));
      const served = await serve({ source, host, port, names: readNames(args.name) });
      answer(args.json, { url: served.url }, () => `The catalogue: ${served.url}\n`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await served.close();
    });
    return exitCodes.done;
  }),
});

async function serve(where: Omit<ServeOptions, 'onFault'>): Promise<Served> {
  const { host, port } = where;
  try {
    return await serveCatalogue({
      ...where,
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

/**
 * What people may open it by: as `--name` says, else as on-call's links do.
 *
 * @throws Failure (3) for what is no name of a host.
 */
function readNames(text: string | undefined): readonly string[] {
  if (text === undefined) {
    const { catalogueUrl } = readCatalogueUrl(process.env['WEIR_CATALOGUE_URL']);
    return catalogueUrl === undefined ? [] : [new URL(catalogueUrl).hostname];
  }
  return text.split(',').map((part) => {
    const name = hostOf(part.trim());
    if (name !== null) return name;
    throw new Failure(
      `--name has ${JSON.stringify(part)}: give the name as it stands in the address, like weir.example.com`,
    );
  });
}
