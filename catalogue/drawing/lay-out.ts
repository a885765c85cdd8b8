import { createHash } from 'node:crypto';
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import { layOutByElk } from './elk.ts';
import { SIZES } from './sizes.ts';
import { columns, type Column, type ShownGraph, type ShownNode } from './shown-graph.ts';

/** Where something stands, in CSS pixels from the drawing's upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A node with its place. */
export interface PlacedNode extends ShownNode, Box {
  /** Its name as it fits. */
  readonly label: string;
}

/** An edge with the points of its line, its ends included. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where everything of a drawing stands. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly columns: readonly ({ readonly column: Column } & Pick<Box, 'x' | 'width'>)[];
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/**
 * @see https://eclipse.dev/elk/reference/options.html
 */
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.partitioning.activate': 'true',
  'elk.separateConnectedComponents': 'false',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.spacing.nodeNodeBetweenLayers': '36',
  'elk.layered.spacing.edgeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
  'elk.spacing.nodeNode': '16',
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '8',
  'elk.padding': `[top=${SIZES.headHeight + 12},left=14,bottom=14,right=14]`,
  'elk.randomSeed': '1',
} as const;

const layouts = new Map<string, Promise<Layout>>();
/** More than a site of some hundred models has drawings. */
const MOST_KEPT = 1000;

/** Places nodes and edges, columns side by side. What has been placed is kept: how models stand moves nothing. */
export function layOut(shown: ShownGraph): Promise<Layout> {
  const key = createHash('sha256').update(JSON.stringify(shown)).digest('base64');
  const known = layouts.get(key);
  if (known !== undefined) return known;
  const made = place(shown);
  layouts.set(key, made);
  made.catch(() => layouts.delete(key));
  const [oldest] = layouts.keys();
  if (oldest !== undefined && layouts.size > MOST_KEPT) layouts.delete(oldest);
  return made;
}

async function place(shown: ShownGraph): Promise<Layout> {
  const widths = widthsOf(shown.nodes);
  const reads = Map.groupBy(shown.edges, ([, to]) => to);
  const children = shown.nodes.map((node) => {
    const above = (reads.get(node.name) ?? []).map(([from]) => from);
    return elkNode(node, above, widths.get(node.column) ?? SIZES.least);
  });
  const edges = shown.edges.map(([from, to], index): ElkExtendedEdge => ({
    id: `${index}`,
    sources: [`${from} out`],
    targets: [`${to} from ${from}`],
  }));
  const graph: ElkNode = { id: 'graph', layoutOptions: OPTIONS, children, edges };
  const laid = await layOutByElk(graph);
  const boxes = new Map((laid.children ?? []).map((node) => [node.id, boxOf(node)]));
  const nodes = shown.nodes.map((node) => ({
    ...node,
    ...(boxes.get(node.name) ?? boxOf({})),
    label: shortened(node.name),
  }));
  return {
    width: Math.ceil(laid.width ?? 0),
    height: Math.ceil(laid.height ?? 0),
    columns: columnsOf(nodes),
    nodes,
    edges: shown.edges.map(([from, to], index) => ({ from, to, points: pointsOf(laid.edges?.[index]) })),
  };
}

/**
 * Everything enters a node in the middle of its left side and leaves it in the middle of its right one, where its gates are.
 * Each line has a port of its own to enter by, all in one place: lines that share one are drawn as one, and of several nodes
 * nobody would see which reads which.
 */
function elkNode({ name, column }: ShownNode, reads: readonly string[], width: number): ElkNode {
  const y = SIZES.nodeHeight / 2;
  const port = (id: string, side: 'WEST' | 'EAST') => ({
    id,
    ...{ x: side === 'WEST' ? 0 : width, y, width: 0, height: 0 },
    layoutOptions: { 'elk.port.side': side },
  });
  return {
    id: name,
    ...{ width, height: SIZES.nodeHeight },
    ports: [port(`${name} out`, 'EAST'), ...reads.map((from) => port(`${name} from ${from}`, 'WEST'))],
    layoutOptions: {
      'elk.portConstraints': 'FIXED_POS',
      'elk.partitioning.partition': `${columns.indexOf(column)}`,
    },
  };
}

/** One width a column, by its longest name. */
function widthsOf(nodes: readonly ShownNode[]): ReadonlyMap<Column, number> {
  return new Map(
    columns.map((column) => {
      const letters = nodes
        .filter((node) => node.column === column)
        .map(({ name }) => shortened(name).length);
      return [
        column,
        Math.max(SIZES.least, Math.ceil(Math.max(0, ...letters) * SIZES.letter) + SIZES.beside),
      ];
    }),
  );
}

/** A name of at most 30 letters: its beginning and its end, which tell names of a family apart. */
function shortened(name: string): string {
  const left = SIZES.letters - 1;
  return name.length <= SIZES.letters
    ? name
    : `${name.slice(0, Math.ceil(left / 2))}…${name.slice(-Math.floor(left / 2))}`;
}

function columnsOf(nodes: readonly PlacedNode[]): Layout['columns'] {
  return columns.flatMap((column) => {
    const own = nodes.filter((node) => node.column === column);
    if (own.length === 0) return [];
    const x = Math.min(...own.map((node) => node.x));
    return [{ column, x, width: Math.max(...own.map((node) => node.x + node.width)) - x }];
  });
}

function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x: Math.round(x), y: Math.round(y), width, height };
}

function pointsOf(edge: ElkExtendedEdge | undefined): readonly Point[] {
  return (edge?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({ x: Math.round(x), y: Math.round(y) })),
  );
}
