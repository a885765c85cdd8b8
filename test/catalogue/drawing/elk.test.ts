import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { ElkNode } from 'elkjs/lib/elk-api.js';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { layOutByElk } from '../../../catalogue/drawing/elk.ts';

afterEach(() => {
  vi.doUnmock('node:worker_threads');
  vi.resetModules();
});

/** So many nodes, each of which reads the three before it. */
function graphOf(nodes: number): ElkNode {
  const children = Array.from({ length: nodes }, (_, index) => ({ id: `n${index}`, width: 80, height: 20 }));
  const edges = children.flatMap(({ id }, index) =>
    children
      .slice(Math.max(0, index - 3), index)
      .map((above) => ({ id: `${above.id} ${id}`, sources: [above.id], targets: [id] })),
  );
  return { id: `of ${nodes}`, layoutOptions: { 'elk.algorithm': 'layered' }, children, edges };
}

// The first to ask reads the code of the layout.
beforeAll(() => layOutByElk(graphOf(1)), 60_000);

test('each of many that ask at once has its own graph, and others have turns meanwhile', async () => {
  const done = new AbortController();
  const laid = Promise.all([3, 60, 5, 1].map((nodes) => layOutByElk(graphOf(nodes)))).finally(() =>
    done.abort(),
  );
  let turns = 0;
  for (; !done.signal.aborted; turns += 1) await setImmediate();
  expect((await laid).map(({ id, children }) => [id, children?.length])).toEqual([
    ['of 3', 3],
    ['of 60', 60],
    ['of 5', 5],
    ['of 1', 1],
  ]);
  // On the thread that asks ELK would take one turn a graph.
  expect(turns).toBeGreaterThan(50);
}, 60_000);

test('what ELK refuses is told, and the next graph is laid out', async () => {
  const wrong = { id: 'wrong', children: [], edges: [{ id: 'e', sources: ['nobody'], targets: ['nobody'] }] };
  await expect(layOutByElk(wrong)).rejects.toThrow(/could not be laid out: .*nobody/);
  expect((await layOutByElk(graphOf(2))).children).toHaveLength(2);
}, 60_000);

test('a process that has drawn comes to its end', async () => {
  const file = path.resolve('catalogue/drawing/elk.ts');
  const code = `import { layOutByElk } from ${JSON.stringify(file)};
    console.log((await layOutByElk({ id: 'g', children: [{ id: 'a', width: 1, height: 1 }] })).id);`;
  const ended = promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  expect(await ended).toEqual({ stdout: 'g\n', stderr: '' });
}, 60_000);

test('where the thread breaks who asked is told, and the next has a new one', async () => {
  let threads = 0;
  class Breaking extends EventEmitter {
    readonly #which = (threads += 1);
    ref(): void {}
    unref(): void {}
    postMessage({ id, graph }: { readonly id: number; readonly graph: ElkNode }): void {
      queueMicrotask(() =>
        this.#which === 1
          ? this.emit('error', new Error('out of memory'))
          : this.emit('message', { id, laid: graph }),
      );
    }
  }
  vi.resetModules();
  vi.doMock('node:worker_threads', () => ({ Worker: Breaking }));
  const { layOutByElk: layOut } = await import('../../../catalogue/drawing/elk.ts');
  await expect(Promise.all([layOut(graphOf(1)), layOut(graphOf(2))])).rejects.toThrow('out of memory');
  expect((await layOut(graphOf(3))).id).toBe('of 3');
  expect(threads).toBe(2);
});
