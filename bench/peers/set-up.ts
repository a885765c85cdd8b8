import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../expectations/json.ts';
import { median } from '../gates/ratios.ts';
import { startPeer } from './peer.ts';
import type { Peer } from './peer.ts';
import { PeerMissing, ensureEnvironment, findPython, pythonEnvironment } from './python.ts';
import { tools } from './tools.ts';
import type { Tool } from './tools.ts';

/** How often a tool is started to see how long that takes. */
const STARTS = 3;

/** A tool that is ready, with its process. */
export interface ReadyTool extends Tool {
  readonly peer: Peer;
}

/** The tools that could be set up, and a sentence for each that could not. */
export interface SetUp {
  readonly ready: readonly ReadyTool[];
  readonly missing: readonly string[];
}

/** Where the environments are kept, what the peers connect with, and who hears how far it is. */
export interface SetUpOptions {
  /** Kept between runs: `.weir/peers`. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly settings: JsonObject;
  /** Names of contestants that are wanted; a tool without any is left alone. */
  readonly wanted: (contestant: string) => boolean;
  readonly onProgress: (line: string) => void;
}

/** Sets up every tool in an environment of its own and starts it; one that fails stops no other. */
export async function setUpPeers(options: SetUpOptions): Promise<SetUp> {
  const chosen = tools.filter(({ contestants }) => contestants.some(({ name }) => options.wanted(name)));
  if (chosen.length === 0) return { ready: [], missing: [] };
  const env = pythonEnvironment(options.env);
  const python = await findPython(env).catch(missingOr);
  if (python instanceof PeerMissing)
    return { ready: [], missing: chosen.map(({ name }) => `${name}: ${python.message}`) };
  const ready: ReadyTool[] = [];
  const missing: string[] = [];
  for (const tool of chosen) {
    const peer = await setUp(tool, python, { ...options, env }).catch(missingOr);
    if (peer instanceof PeerMissing) missing.push(`${tool.name}: ${peer.message}`);
    else ready.push({ ...tool, peer });
  }
  return { ready, missing };
}

function missingOr(error: unknown): PeerMissing {
  if (error instanceof PeerMissing) return error;
  throw error;
}

async function setUp(tool: Tool, python: string, options: SetUpOptions): Promise<Peer> {
  const source = join(import.meta.dirname, tool.folder);
  const onProgress = (line: string): void => options.onProgress(`${tool.name}: ${line}`);
  const { env } = options;
  const own = await ensureEnvironment(python, {
    source,
    folder: join(options.folder, tool.folder),
    env,
    onProgress,
  });
  const work = join(options.folder, `${tool.folder}.work`);
  const process = {
    name: tool.name,
    python: own,
    source,
    env: await homeOf(work, env),
    settings: { ...options.settings, folder: work },
  };
  // Its first start compiles every module and reads it from the disk: the ones after it count.
  await (await startPeer(process)).stop();
  const startUps: number[] = [];
  let peer = await startPeer(process);
  startUps.push(peer.startUpSeconds);
  while (startUps.length < STARTS) {
    await peer.stop();
    peer = await startPeer(process);
    startUps.push(peer.startUpSeconds);
  }
  const startUpSeconds = median(startUps) ?? 0;
  onProgress(`ready ${startUpSeconds.toFixed(2)} s after its start`);
  return { ...peer, startUpSeconds };
}

/** A home of its own, in which no tool finds somebody's settings, and none is told to send its makers anything. */
export async function homeOf(folder: string, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  await mkdir(join(folder, '.soda'), { recursive: true });
  await writeFile(join(folder, '.soda', 'config.yml'), 'send_anonymous_usage_stats: false\n');
  return { ...env, HOME: folder, GX_ANALYTICS_ENABLED: 'false', DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' };
}
