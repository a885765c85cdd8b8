import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isObject, parseJson } from '../../expectations/json.ts';
import { ensureEnvironment, findPython, PeerMissing, pythonEnvironment } from '../peers/python.ts';
import { homeOf } from '../peers/set-up.ts';
import type { Measured } from './rows.ts';
import type { DocsSite } from './site.ts';
import { weir } from './weir.ts';

/** How many results, where its environment is kept, and who hears how far it is. */
export interface PeerOptions {
  readonly home: string;
  readonly results: number;
  readonly onProgress: (line: string) => void;
}

const SOURCE = resolve(import.meta.dirname, '..', 'peers', 'great-expectations');

/**
 * Great Expectations builds its data docs of the last results, as `weir docs export` writes them. Its start is not counted.
 *
 * @throws PeerMissing where it could not be set up.
 */
export async function measurePeer(site: DocsSite, options: PeerOptions): Promise<Measured['peer']> {
  const { home, results, onProgress } = options;
  const folder = resolve(home, 'bench-docs', 'data-docs');
  await rm(folder, { recursive: true, force: true });
  await weir(['docs', 'export', folder, '--since', '30d', '--limit', String(results)], site);
  const peers = join(home, 'peers');
  const env = await homeOf(join(peers, 'great-expectations.work'), pythonEnvironment(process.env));
  const own = await ensureEnvironment(await findPython(env), {
    source: SOURCE,
    folder: join(peers, 'great-expectations'),
    env,
    onProgress,
  });
  const { stdout } = await promisify(execFile)(own, [join(SOURCE, 'docs.py'), folder], {
    env,
    maxBuffer: 1e8,
  });
  const said = parseJson(stdout.trim().split('\n').at(-1) ?? '');
  const { seconds = null, pages = null } = isObject(said) ? said : {};
  if (typeof seconds !== 'number' || typeof pages !== 'number')
    throw new PeerMissing(`Great Expectations built no pages: ${stdout.slice(-500)}`);
  return { seconds, pages };
}
