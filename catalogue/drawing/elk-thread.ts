/** What runs in the thread of `elk.ts`: lays out one graph after the other. */
import { parentPort } from 'node:worker_threads';
import elkjs from 'elkjs/lib/elk.bundled.js';
import type { Asked, Laid } from './elk.ts';

const engine = new elkjs.default();

parentPort?.on('message', ({ id, graph }: Asked) => {
  const answer = engine.layout(graph).then(
    (laid): Laid => ({ id, laid }),
    // ELK's own errors are no `Error`.
    (error: unknown): Laid => ({ id, laid: null, problem: messageOf(error) }),
  );
  void answer.then((told) => parentPort?.postMessage(told, []));
});

function messageOf(error: unknown): string {
  const message: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : null;
  return typeof message === 'string' ? message : String(error);
}
