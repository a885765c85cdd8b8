import { areaY, dot, lineY, text } from '@observablehq/plot';
import type { Markish, PlotOptions } from '@observablehq/plot';
import type { Html } from '../html.ts';
import { countText } from '../parts/texts.ts';
import type { Bucket, PromiseOutcome, PromiseUnit } from '../read/promise-history.ts';
import { drawPlot } from './draw.ts';
import { valueAxis } from './value-axis.ts';
import type { ValueAxis } from './value-axis.ts';

/** What an observed line is drawn of. */
export interface ObservedLineOptions {
  /** What the values are of: `rows`. It names the chart. */
  readonly title: string;
  readonly unit: PromiseUnit;
  /** The time that the chart is about, also where nothing was evaluated. */
  readonly from: Date;
  readonly to: Date;
}

/** Stretches further apart than so many times what they mostly are have a gap between them. */
const GAP = 3.5;

/**
 * Observed values over time against their bounds: a line, how far values lay apart within a stretch, what lies outside of
 * the bounds tinted, with a step where a bound changed, and by a shape of its own what broke and what could not be checked.
 * Of a promise about rows, the share that keeps it.
 *
 * A bound that would make a flat line of the values is named at the edge: `at most 20 M`.
 *
 * @returns null where there is no value to draw.
 */
export function observedLine(series: readonly Bucket[], options: ObservedLineOptions): Html | null {
  const buckets = series.filter(({ low, high, last }) => [low, high, last].every(Number.isFinite));
  if (buckets.length === 0) return null;
  const axis = valueAxis(options.unit, {
    values: buckets.flatMap(({ low, high }) => [low, high]),
    lower: buckets.flatMap(({ lower }) => finite(lower)),
    upper: buckets.flatMap(({ upper }) => finite(upper)),
  });
  const points = pointsOf(buckets, axis);
  const marks = [...boundMarks(points, axis, options), ...valueMarks(points), ...edgeMarks(axis)];
  return drawPlot(frameOf(axis, options, marks), { label: labelOf(buckets, options.title) });
}

function frameOf(axis: ValueAxis, { from, to }: ObservedLineOptions, marks: readonly Markish[]): PlotOptions {
  const { domain, ticks, tickText, label } = axis;
  return {
    width: 480,
    height: 150,
    marginLeft: 58,
    // Half of a time with its seconds.
    marginRight: 26,
    marginBottom: 22,
    x: { type: 'utc', domain: [from, to] },
    y: {
      domain: [...domain],
      label,
      labelArrow: 'none',
      grid: true,
      tickFormat: tickText,
      ticks: ticks === null ? 4 : [...ticks],
    },
    marks: [...marks],
  };
}

/** A stretch as it is drawn: NaN where a line is to break. */
interface Point {
  readonly at: Date;
  readonly low: number;
  readonly high: number;
  readonly last: number;
  readonly lower: number;
  readonly upper: number;
  readonly worst: PromiseOutcome;
  /** Whether no neighbour is joined to it, so that a line would show nothing. */
  readonly alone: boolean;
}

function pointsOf(buckets: readonly Bucket[], axis: ValueAxis): readonly Point[] {
  const spacing = typicalSpacing(buckets);
  const gapBefore = (index: number): boolean => {
    const [before, here] = [buckets[index - 1], buckets[index]];
    return before === undefined || here === undefined || middle(here) - middle(before) > spacing * GAP;
  };
  return buckets.flatMap((bucket, index) => {
    const point: Point = {
      at: new Date(middle(bucket)),
      low: axis.at(bucket.low),
      high: axis.at(bucket.high),
      last: axis.at(bucket.last),
      lower: within(axis, bucket.lower),
      upper: within(axis, bucket.upper),
      worst: bucket.worst,
      alone: gapBefore(index) && gapBefore(index + 1),
    };
    const gap: Point = {
      ...point,
      low: NaN,
      high: NaN,
      last: NaN,
      lower: NaN,
      upper: NaN,
      worst: 'held',
      alone: false,
    };
    return gapBefore(index) && index > 0 ? [gap, point] : [point];
  });
}

/** Half of neighbours are at most so far apart, ms. */
function typicalSpacing(buckets: readonly Bucket[]): number {
  const steps = buckets.slice(1).map((bucket, index) => {
    const before = buckets[index];
    return before === undefined ? 0 : middle(bucket) - middle(before);
  });
  const [first] = buckets;
  const width = first === undefined ? 0 : first.to.getTime() - first.from.getTime();
  return Math.max(width, steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0);
}

function middle({ from, to }: Bucket): number {
  return (from.getTime() + to.getTime()) / 2;
}

/** A bound that is named at the edge is not drawn. */
function within({ at, domain: [low, high] }: ValueAxis, bound: number | null): number {
  const [value] = finite(bound);
  if (value === undefined) return NaN;
  const height = at(value);
  return height >= low && height <= high ? height : NaN;
}

function finite(value: number | null): readonly number[] {
  return value !== null && Number.isFinite(value) ? [value] : [];
}

/** What lies outside is tinted, and the bound itself is a line with a step wherever it changed. */
function boundMarks(
  points: readonly Point[],
  { domain: [low, high] }: ValueAxis,
  { to }: ObservedLineOptions,
): readonly Markish[] {
  const sides = [
    { side: 'lower', edge: low },
    { side: 'upper', edge: high },
  ] as const;
  return sides.flatMap(({ side, edge }) => {
    if (points.every((point) => Number.isNaN(point[side]))) return [];
    const last = points.at(-1);
    // The last bound stands up to now.
    const held = last === undefined ? points : [...points, { ...last, at: to }];
    const steps = held
      .map((point) => ({ at: point.at, bound: point[side] }))
      .filter(
        ({ bound }, index, all) =>
          index === 0 || all[index + 1]?.bound !== bound || all[index - 1]?.bound !== bound,
      );
    return [
      areaY(steps, { x: 'at', y1: 'bound', y2: edge, curve: 'step-after', fill: 'var(--fail-soft)' }),
      lineY(steps, {
        x: 'at',
        y: 'bound',
        curve: 'step-after',
        stroke: 'var(--fail)',
        strokeWidth: 1.2,
        strokeDasharray: '4 3',
      }),
    ];
  });
}

function valueMarks(points: readonly Point[]): readonly Markish[] {
  const bad = points.filter(({ worst }) => worst !== 'held');
  const alone = points.filter((point) => point.alone && point.worst === 'held');
  const apart = points.some(({ low, high }) => high > low);
  return [
    ...(apart
      ? [areaY(points, { x: 'at', y1: 'low', y2: 'high', fill: 'var(--link)', fillOpacity: 0.18 })]
      : []),
    lineY(points, { x: 'at', y: 'last', stroke: 'var(--link)', strokeWidth: 1.6 }),
    dot(alone, { x: 'at', y: 'last', r: 2.5, fill: 'var(--link)', stroke: null }),
    ...(['broken', 'errored'] as const).map((outcome) =>
      dot(
        bad.filter(({ worst }) => worst === outcome),
        {
          x: 'at',
          y: worstOf,
          symbol: outcome === 'broken' ? 'times' : 'diamond',
          r: 4,
          stroke: outcome === 'broken' ? 'var(--fail)' : 'var(--error)',
          strokeWidth: 2,
        },
      ),
    ),
  ];
}

/** Of a stretch in which the promise broke, the value that lay furthest outside. */
function worstOf({ low, high, last, lower, upper }: Point): number {
  if (low < lower) return low;
  return high > upper ? high : last;
}

/** Above the chart, where no line runs through it. */
function edgeMarks({ beyond }: ValueAxis): readonly Markish[] {
  if (beyond.length === 0) return [];
  const words = beyond.map(({ side, text: bound }) =>
    side === 'lower' ? `↓ at least ${bound}` : `↑ at most ${bound}`,
  );
  return [text([words.join('   ')], { frameAnchor: 'top-right', dy: -13, fill: 'var(--fail)' })];
}

function labelOf(buckets: readonly Bucket[], title: string): string {
  const evaluations = buckets.reduce((sum, one) => sum + one.evaluations, 0);
  const bad = buckets.filter(({ worst }) => worst !== 'held').length;
  const broke =
    bad === 0 ? 'within its bounds throughout' : `outside in ${countText(bad, 'stretch', 'stretches')}`;
  return `${title}: ${countText(evaluations, 'evaluation', 'evaluations')}, ${broke}`;
}
