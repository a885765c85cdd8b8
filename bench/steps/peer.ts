import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { isObject } from '../../expectations/json.ts';
import type { Json } from '../../expectations/json.ts';
import { PeerMissing, ensureEnvironment, findPython, pythonEnvironment } from '../peers/python.ts';
import { homeOf } from '../peers/set-up.ts';
import type { MeasureOptions } from './measure.ts';
import type { Part } from './options.ts';
import { figures } from './rows.ts';
import type { Figure } from './rows.ts';

const PEERS = resolve(import.meta.dirname, '..', 'peers');

/** A peer that says nothing for so long hangs. */
const SILENCE_MS = 5 * 60_000;

/** Hears of each figure as it is measured. */
export type OnFigure = (figure: Figure, value: number) => void;

/**
 * Sets a peer up, from PyPI the first time, and lets it measure itself.
 *
 * @throws PeerMissing saying why it cannot be measured; what it had said until then was heard.
 */
export async function measurePeer(part: Part, options: MeasureOptions, onFigure: OnFigure): Promise<void> {
  if (part === 'temporal') return await runPeer(bareTemporal(options), onFigure);
  const env = pythonEnvironment(options.env);
  const source = join(PEERS, part);
  const folder = resolve(options.home, 'peers', part);
  const onProgress = (line: string): void => options.onProgress(`${part}: ${line}`);
  const python = await ensureEnvironment(await findPython(env), { source, folder, env, onProgress });
  const work = `${folder}.work`;
  await runPeer(
    { name: part, command: python, args: [join(source, 'peer.py'), work], env: await homeOf(work, env) },
    onFigure,
  );
}

interface PeerOrder {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

function bareTemporal({ env }: MeasureOptions): PeerOrder {
  const script = join(import.meta.dirname, 'bare', 'main.ts');
  return {
    name: 'Temporal bare',
    command: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', script],
    env,
  };
}

async function runPeer({ name, command, args, env }: PeerOrder, onFigure: OnFigure): Promise<void> {
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-3000)));
  child.on('error', (error) => (said += error.message));
  // Its input ends with this process: it stops what it has started then.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | string>((accept) =>
    child.once('close', (code, signal) => accept(code ?? signal ?? 'unknown')),
  );
  let silence = setTimeout(() => child.stdin.end(), SILENCE_MS);
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(silence);
    silence = setTimeout(() => child.stdin.end(), SILENCE_MS);
    const told = readFigure(line);
    if (told !== null) onFigure(told.figure, told.value);
  }
  clearTimeout(silence);
  const code = await ended;
  if (code !== 0) throw new PeerMissing(`${name} ended with ${code}. It said at last:\n${said}`);
}

/** A line as peers say them: `{"figure": "tenSteps", "value": 13.3}`. Null for anything else. */
export function readFigure(line: string): { readonly figure: Figure; readonly value: number } | null {
  const read = parsed(line);
  if (!isObject(read)) return null;
  const figure = figures.find((one) => one === read['figure']);
  const { value } = read;
  return figure === undefined || typeof value !== 'number' || !(value > 0) ? null : { figure, value };
}

function parsed(line: string): Json {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
