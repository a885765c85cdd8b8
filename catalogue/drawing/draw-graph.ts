import type { Outcome } from '../../expectations/verdict.ts';
import { html } from '../html.ts';
import type { Html, Part } from '../html.ts';
import { markShape, type Marked } from '../parts/marks.ts';
import { modelStates } from '../read/model-states.ts';
import type { Layout, PlacedEdge, PlacedNode, Point } from './lay-out.ts';
import { SIZES } from './sizes.ts';
import { lineOf, nameOf, type NodeLook } from './node-words.ts';

/** What a gate said last. */
export interface GateLook {
  readonly outcome: Outcome;
  readonly suite: string;
  /** Null where there is no page of it. */
  readonly href: string | null;
}

/** What a drawing says of what its layout placed. */
export interface GraphLooks {
  readonly title: string;
  readonly now: Date;
  /** The model that the drawing is about. */
  readonly here?: string;
  readonly look: (name: string) => NodeLook;
  readonly href: (name: string) => string;
  /** Null of a gate that has not judged yet. */
  readonly gate: (name: string, gate: 'input' | 'output') => GateLook | null;
}

/** A graph as SVG: nodes and gates are links, and every colour has its shape and its word. */
export function drawGraph(layout: Layout, looks: GraphLooks): Html {
  const { width, height } = layout;
  const isStopped = (name: string): boolean =>
    isWaiting(looks.look(name)) || looks.look(name).state === 'held';
  const [waiting, free] = [true, false].map((wanted) =>
    layout.edges.filter(({ from }) => isStopped(from) === wanted),
  );
  return html`<svg
    class="${width > BROAD ? 'graph broad' : 'graph'}"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
    role="group"
    aria-label="${looks.title}"
  >
    <defs>${MARKS.map((mark) => html`<g id="graph-${mark}">${markShape(mark)}</g>`)}</defs>
    <g aria-hidden="true">
      ${layout.columns.map((column, index) => columnHead(column, index, height))}
      ${(free ?? []).map((edge) => line(edge, 'edge'))}
      ${(waiting ?? []).map((edge) => line(edge, 'edge waiting'))}
    </g>
    ${layout.nodes.map((node) => [nodeLink(node, looks), node.gates.map((gate) => gateLink(node, gate, looks))])}
  </svg>`;
}

/** Wider than the page; the drawing takes what room there is beside it. */
const BROAD = 1200;

const MARKS: readonly Marked[] = [...modelStates, 'waiting', 'pass', 'warn', 'fail', 'error'];

function isWaiting({ waitingBehind }: NodeLook): boolean {
  return waitingBehind.length > 0;
}

function columnHead({ column, x, width }: Layout['columns'][number], index: number, height: number): Html {
  const air = 10;
  return html`<rect
      class="${index % 2 === 0 ? 'column' : 'column odd'}"
      x="${x - air}"
      y="0"
      width="${width + 2 * air}"
      height="${height}"
      rx="6"
    /><text class="column-name" x="${x}" y="22">${column}</text>`;
}

function nodeLink(node: PlacedNode, { look, href, now, here }: GraphLooks): Html {
  const { name, label, x, y, width, height } = node;
  const one = look(name);
  const classes = ['node', one.state, isWaiting(one) ? 'waits' : null, name === here ? 'here' : null];
  return html`<a
    class="${classes.filter((one) => one !== null).join(' ')}"
    href="${href(name)}"
    ${name === here ? html`aria-current="true"` : null}
    ><title>${nameOf(name, one, now)} · ${one.why}</title
    ><rect
      class="box"
      x="${x}"
      y="${y}"
      width="${width}"
      height="${height}"
      rx="5"
    />${use(one.state, x + 14, y + 7)}${isWaiting(one) ? use('waiting', x + 14, y + 26) : null}<text
      class="name"
      x="${x + 35}"
      y="${y + 19}"
      >${label}</text
    ><text class="line" x="${x + 35}" y="${y + 36}">${lineOf(one, now)}</text></a
  >`;
}

function gateLink(node: PlacedNode, gate: 'input' | 'output', looks: GraphLooks): Html {
  const x = gate === 'input' ? node.x : node.x + node.width;
  const y = node.y + node.height / 2;
  const last = looks.gate(node.name, gate);
  const shape: Part = html`<circle
      class="gate-box"
      cx="${x}"
      cy="${y}"
      r="${SIZES.gate}"
    />${last === null ? null : use(last.outcome, x - 7, y - 7)}`;
  const said = last === null ? 'has not judged yet' : `${last.outcome}, suite ${last.suite}`;
  const title = `${gate} gate of ${node.name}: ${said}`;
  const href = last?.href ?? null;
  const classes = `gate ${last?.outcome ?? 'never'}`;
  return href === null
    ? html`<g class="${classes}"><title>${title}</title>${shape}</g>`
    : html`<a class="${classes}" href="${href}"><title>${title}</title>${shape}</a>`;
}

function use(mark: Marked, x: number, y: number): Html {
  return html`<use href="#graph-${mark}" x="${x}" y="${y}" />`;
}

function line({ points }: PlacedEdge, classes: string): Html {
  return html`<path class="${classes}" d="${pathOf(points)}" />`;
}

/** A line with its corners rounded. */
function pathOf(points: readonly Point[]): string {
  return points
    .map((point, index) => {
      const [before, after] = [points[index - 1], points[index + 1]];
      if (before === undefined) return `M${point.x} ${point.y}`;
      if (after === undefined) return `L${point.x} ${point.y}`;
      const [start, end] = [towards(point, before), towards(point, after)];
      return `L${start.x} ${start.y}Q${point.x} ${point.y} ${end.x} ${end.y}`;
    })
    .join('');
}

/** A point on the way to another, not beyond the middle. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const share = length === 0 ? 0 : Math.min(SIZES.corner, length / 2) / length;
  const at = (a: number, b: number): number => Math.round((a + (b - a) * share) * 10) / 10;
  return { x: at(from.x, to.x), y: at(from.y, to.y) };
}
