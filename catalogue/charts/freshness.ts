import { areaY, lineY, ruleY } from '@observablehq/plot';
import type { Html } from '../html.ts';
import { spanText } from '../parts/texts.ts';
import type { AgeBucket } from '../read/freshness-history.ts';
import { drawPlot } from './draw.ts';
import { timeUnit } from './time-unit.ts';

/** What is drawn of a stretch of time: its oldest age, and the objective of then; nothing where nobody measured. */
interface Point {
  readonly at: Date;
  readonly age: number;
  readonly objective: number;
  /** The same where the age is above the objective, and its level elsewhere: the area between is what was missed. */
  readonly above: number;
}

/** The time that a chart is about. */
export interface Stretch {
  readonly from: Date;
  readonly to: Date;
  /** Length of a bucket, seconds: what is further apart than that is not joined. */
  readonly bucketSeconds: number;
}

/**
 * How old a model was against its objective: a line of its oldest age in each stretch, the objective as a dashed line, and
 * what lay above it filled.
 */
export function freshnessChart(buckets: readonly AgeBucket[], stretch: Stretch): Html {
  const oldest = Math.max(...buckets.map(({ high, objective }) => Math.max(high, objective)));
  const unit = timeUnit(oldest);
  const points = pointsOf(buckets, stretch, unit.seconds);
  const missed = points.some(({ age, objective }) => age > objective);
  return drawPlot(
    {
      width: 480,
      height: 180,
      marginTop: 24,
      marginLeft: 42,
      x: { type: 'utc', domain: [stretch.from, stretch.to] },
      y: { label: `age, ${unit.name}`, nice: true, zero: true, ticks: 4, grid: true },
      marks: [
        ruleY([0], { stroke: 'var(--line)' }),
        areaY(points, { x: 'at', y: 'age', fill: 'var(--fresh)', fillOpacity: 0.14 }),
        ...(missed
          ? [areaY(points, { x: 'at', y1: 'objective', y2: 'above', fill: 'var(--late)', fillOpacity: 0.45 })]
          : []),
        lineY(points, {
          x: 'at',
          y: 'age',
          stroke: 'var(--fresh)',
          strokeWidth: 1.6,
          // One or two points are no line.
          marker: points.length < 3 ? 'dot' : 'none',
        }),
        lineY(points, {
          x: 'at',
          y: 'objective',
          stroke: 'var(--ink)',
          strokeDasharray: '5 4',
          strokeWidth: 1.2,
        }),
      ],
    },
    { label: labelOf(buckets) },
  );
}

function labelOf(buckets: readonly AgeBucket[]): string {
  const bad = buckets.reduce((sum, one) => sum + one.bad, 0);
  const oldest = Math.max(...buckets.map(({ high }) => high));
  const missed = bad === 0 ? 'never older than its objective' : `${bad} minutes older than its objective`;
  return `Age over time: at most ${spanText(oldest)}, ${missed}`;
}

function pointsOf(
  buckets: readonly AgeBucket[],
  { to, bucketSeconds }: Stretch,
  unit: number,
): readonly Point[] {
  return buckets.flatMap(({ from, high, objective }, index) => {
    const before = buckets[index - 1]?.from.getTime();
    // The last one has not ended.
    const at = new Date(Math.min(from.getTime() + (bucketSeconds * 1000) / 2, to.getTime()));
    const point = {
      at,
      age: high / unit,
      objective: objective / unit,
      above: Math.max(high, objective) / unit,
    };
    const gap = before !== undefined && from.getTime() - before > bucketSeconds * 1500;
    // Plot breaks a line where there is no number.
    return gap
      ? [{ at: new Date(before + bucketSeconds * 1500), age: NaN, objective: NaN, above: NaN }, point]
      : [point];
  });
}
