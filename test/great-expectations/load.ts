import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { isList, isObject, parseJson } from '../../expectations/json.ts';
import type { JsonObject } from '../../expectations/json.ts';

/** The version whose results Weir writes. */
const VERSION = '1.24.1';
const SCRIPT = path.join(import.meta.dirname, 'load-results.py');
const PROJECT = path.resolve(import.meta.dirname, '..', '..');

/** Where a Python with Great Expectations may be: as told, or as `npm run bench:gates` sets it up. */
const CANDIDATES = [
  process.env['GREAT_EXPECTATIONS_PYTHON'],
  path.join(PROJECT, '.weir', 'peers', 'great-expectations', 'bin', 'python'),
];

/** A Python that imports Great Expectations of the right version; else why there is none. */
export function findPython(): { readonly python: string } | { readonly missing: string } {
  const tried: string[] = [];
  for (const python of CANDIDATES) {
    if (python === undefined || !existsSync(python)) continue;
    const { stdout } = spawnSync(
      python,
      ['-c', 'import importlib.metadata as m; print(m.version("great_expectations"))'],
      {
        encoding: 'utf8',
      },
    );
    if (stdout.trim() === VERSION) return { python };
    tried.push(`${python} has ${stdout.trim() === '' ? 'none' : stdout.trim()}`);
  }
  const found = tried.length === 0 ? '' : ` (${tried.join(', ')})`;
  return {
    missing: `no Python with great_expectations ${VERSION}${found}: set GREAT_EXPECTATIONS_PYTHON to one`,
  };
}

/** Something that Great Expectations is given to load. */
export interface Given {
  readonly name: string;
  readonly kind: 'result' | 'suite' | 'site' | 'export';
  /** Of an export its folder. */
  readonly text: string;
}

/** What it made of something. */
export interface Loaded {
  /** What it could not do with it, or lost of it. */
  readonly problems: readonly string[];
  /** Of a result: whether it holds, how many expectations failed, and more. */
  readonly facts: JsonObject;
}

/** Gives all to one process, whose start-up takes seconds; by name. */
export async function loadWithGreatExpectations(
  python: string,
  given: readonly Given[],
): Promise<ReadonlyMap<string, Loaded>> {
  const child = spawn(python, [SCRIPT], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(given.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${SCRIPT} failed: ${err.slice(-2000)}`);
  return new Map(out.split('\n').flatMap(readLoaded));
}

/** Great Expectations itself prints as well: what is no line of the script is passed over. */
function readLoaded(line: string): readonly (readonly [string, Loaded])[] {
  const json = line.startsWith('{') ? parseJson(line) : null;
  if (!isObject(json)) return [];
  const { name, problems = [], ...facts } = json;
  if (typeof name !== 'string' || !isList(problems)) return [];
  return [[name, { problems: problems.filter((one) => typeof one === 'string'), facts }]];
}
