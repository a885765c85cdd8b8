import { Worker } from 'node:worker_threads';
import type { ElkNode } from 'elkjs/lib/elk-api.js';

/** A graph to be laid out, as it goes to the thread. */
export interface Asked {
  readonly id: number;
  readonly graph: ElkNode;
}

/** What came of it. */
export type Laid =
  | { readonly id: number; readonly laid: ElkNode }
  | { readonly id: number; readonly laid: null; readonly problem: string };

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, PromiseWithResolvers<ElkNode>>;
}

let thread: Thread | undefined;
let asked = 0;

/**
 * Lays out a graph by ELK, in a thread of its own: a hundred models take a second or more, in which pages are made and
 * readers answered. The thread is started by the first graph, kept, and keeps no process from ending.
 *
 * @throws Error with what ELK or Node said of it.
 */
export async function layOutByElk(graph: ElkNode): Promise<ElkNode> {
  const { worker, waiting } = (thread ??= startThread());
  const id = (asked += 1);
  const answer = Promise.withResolvers<ElkNode>();
  worker.postMessage({ id, graph } satisfies Asked, []);
  waiting.set(id, answer);
  worker.ref();
  return await answer.promise;
}

function startThread(): Thread {
  // What this process was started with, such as `--input-type`, is not for the thread's file.
  const worker = new Worker(new URL('./elk-thread.ts', import.meta.url), { execArgv: [] });
  const started: Thread = { worker, waiting: new Map() };
  worker.on('message', (answer: Laid) => settle(started, answer));
  worker.on('error', (error) => giveUp(started, error));
  return started;
}

function settle({ worker, waiting }: Thread, answer: Laid): void {
  const { id, laid } = answer;
  if (laid === null) waiting.get(id)?.reject(new Error(`a graph could not be laid out: ${answer.problem}`));
  else waiting.get(id)?.resolve(laid);
  waiting.delete(id);
  if (waiting.size === 0) worker.unref();
}

/** Whoever asks next gets a new thread. */
function giveUp(ended: Thread, error: Error): void {
  if (thread === ended) thread = undefined;
  for (const { reject } of ended.waiting.values()) reject(error);
  ended.waiting.clear();
}
