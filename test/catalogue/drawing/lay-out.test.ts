import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { layOut, type Layout, type PlacedNode, type Point } from '../../../catalogue/drawing/lay-out.ts';
import { columns } from '../../../catalogue/drawing/shown-graph.ts';
import { shownGraphs } from './shown-graphs.ts';

/** The same graphs for every promise: each is placed once. */
const RUNS = { numRuns: 30, seed: Date.now() };

// The first to ask reads the layout's code and places them all.
beforeAll(() => ofEvery(() => {}), 60_000);

function overlap(a: PlacedNode, b: PlacedNode): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Whether a straight stretch of a line goes through a node, its border excepted. */
function crosses([from, to]: readonly [Point, Point], { x, y, width, height }: PlacedNode): boolean {
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
  return left < x + width - 1 && right > x + 1 && top < y + height - 1 && bottom > y + 1;
}

/** Whether two stretches lie on each other for more than a point. */
function runTogether(a: readonly [Point, Point], b: readonly [Point, Point]): boolean {
  const [along, across] = a[0].y === a[1].y ? (['x', 'y'] as const) : (['y', 'x'] as const);
  if (b[0][across] !== b[1][across] || a[0][across] !== b[0][across]) return false;
  const [first, second] = [a, b].map((one) => one.map((point) => point[along]).toSorted((x, y) => x - y));
  return Math.max(first![0]!, second![0]!) < Math.min(first![1]!, second![1]!);
}

function stretches(points: readonly Point[]): readonly (readonly [Point, Point])[] {
  return points.slice(1).map((point, index) => [points[index]!, point] as const);
}

async function ofEvery(check: (layout: Layout) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(shownGraphs, async (shown) => {
      const layout = await layOut(shown);
      expect(layout.nodes.map(({ name }) => name)).toEqual(shown.nodes.map(({ name }) => name));
      expect(layout.edges.map(({ from, to }) => [from, to])).toEqual(shown.edges);
      check(layout);
    }),
    RUNS,
  );
}

it('nodes never overlap, and stand within the drawing', async () => {
  await ofEvery(({ nodes, width, height }) => {
    for (const [index, node] of nodes.entries()) {
      expect(
        node.x >= 0 && node.y >= 0 && node.x + node.width <= width && node.y + node.height <= height,
      ).toBe(true);
      for (const other of nodes.slice(index + 1)) expect(overlap(node, other)).toBe(false);
    }
  });
});

it('every edge is drawn: it leaves what is read where its output gate is, and enters what reads it where its input gate is', async () => {
  await ofEvery(({ nodes, edges }) => {
    const byName = new Map(nodes.map((node) => [node.name, node]));
    for (const { from, to, points } of edges) {
      const [source, target] = [byName.get(from)!, byName.get(to)!];
      expect(points.at(0)).toEqual({ x: source.x + source.width, y: source.y + source.height / 2 });
      expect(points.at(-1)).toEqual({ x: target.x, y: target.y + target.height / 2 });
    }
  });
});

it('no edge goes through a node', async () => {
  await ofEvery(({ nodes, edges }) => {
    for (const { points } of edges)
      for (const stretch of stretches(points))
        expect(nodes.filter((node) => crosses(stretch, node)).map(({ name }) => name)).toEqual([]);
  });
});

it('lines that leave different nodes run together only into the node that both lead to', async () => {
  await ofEvery(({ edges }) => {
    for (const [index, one] of edges.entries())
      for (const other of edges.slice(index + 1).filter(({ from }) => from !== one.from)) {
        const shared = stretches(one.points).flatMap((a) =>
          stretches(other.points)
            .filter((b) => runTogether(a, b))
            .map(() => a[1]),
        );
        const end = one.to === other.to ? [one.points.at(-1)] : [];
        expect(shared.filter((point) => !end.some((last) => last === point))).toEqual([]);
      }
  });
});

it('columns stand beside each other in their order, with all their nodes', async () => {
  await ofEvery((layout) => {
    const shown = layout.columns.map(({ column }) => column);
    expect(shown).toEqual(columns.filter((one) => layout.nodes.some(({ column }) => column === one)));
    for (const [index, one] of layout.columns.entries()) {
      const next = layout.columns[index + 1];
      if (next !== undefined) expect(one.x + one.width).toBeLessThan(next.x);
      for (const { x, width } of layout.nodes.filter(({ column }) => column === one.column))
        expect(x >= one.x && x + width <= one.x + one.width).toBe(true);
    }
  });
});

it('is made once for the same graph, and the same each time', async () => {
  const shown = () => ({
    nodes: [
      { name: 'raw_stores', column: 'sources' as const, gates: [] },
      { name: 'dim_stores', column: 'gold' as const, gates: ['output' as const] },
    ],
    edges: [['raw_stores', 'dim_stores'] as const],
  });
  expect(layOut(shown())).toBe(layOut(shown()));
  expect(layOut({ ...shown(), edges: [] })).not.toBe(layOut(shown()));
});

it('a name that is too long keeps its beginning and its end', async () => {
  const name = 'fct_weekly_sales_by_region_and_loyalty_tier';
  const { nodes } = await layOut({ nodes: [{ name, column: 'gold', gates: [] }], edges: [] });
  expect(nodes[0]?.label).toBe('fct_weekly_sale…d_loyalty_tier');
});
