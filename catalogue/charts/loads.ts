import { areaY, lineY, ruleY } from '@observablehq/plot';
import type { PlotOptions } from '@observablehq/plot';
import type { Html } from '../html.ts';
import { countText, spanText } from '../parts/texts.ts';
import type { LoadBucket, LoadHistory } from '../read/load-history.ts';
import { drawPlot } from './draw.ts';
import { timeUnit } from './time-unit.ts';

/** What a publish did to rows, in the order in which it is stacked. */
const kinds = [
  { of: 'inserted', colour: 'var(--fresh)', words: 'inserted' },
  { of: 'updated', colour: 'var(--waiting)', words: 'updated' },
  { of: 'deleted', colour: 'var(--never)', words: 'deleted' },
  { of: 'setAside', colour: 'var(--late)', words: 'set aside' },
] as const;

/** A kind of change that a chart of rows shows, for its legend. */
export interface RowKind {
  readonly colour: string;
  readonly words: string;
}

/** The kinds that some loads had, so that a legend names no other. */
export function rowKinds({ buckets }: LoadHistory): readonly RowKind[] {
  return kinds.filter(({ of }) => buckets.some((bucket) => bucket[of] > 0));
}

/** Rows that loads wrote or set aside, stacked, by stretch of time. */
export function rowsChart(history: LoadHistory): Html {
  const { buckets } = history;
  const total = kinds.reduce(
    (sum, { of }) => sum + buckets.reduce((rows, bucket) => rows + bucket[of], 0),
    0,
  );
  const shown = kinds.filter(({ of }) => buckets.some((bucket) => bucket[of] > 0));
  return drawPlot(
    {
      ...frameOf(buckets),
      y: { label: 'rows', grid: true, ticks: 4, nice: true, zero: true, tickFormat: shortNumber },
      marks: [
        // One outline a kind, the tallest behind: a rectangle a stretch would weigh eight times as much.
        ...shown
          .map(({ colour }, place) =>
            lineY(outline(history, shown.slice(0, place + 1)), {
              x: 'at',
              y: 'rows',
              curve: 'step-after',
              fill: colour,
              stroke: 'none',
            }),
          )
          .toReversed(),
        ruleY([0], { stroke: 'var(--line)' }),
      ],
    },
    { label: `Rows over time: ${countText(total, 'row', 'rows')} written or set aside` },
  );
}

/** How high some kinds are together, from stretch to stretch: it begins and ends at 0, as do those without a load. */
function outline(
  { buckets, widthSeconds }: LoadHistory,
  stack: readonly (typeof kinds)[number][],
): readonly { readonly at: Date; readonly rows: number }[] {
  const [first] = buckets;
  if (first === undefined) return [];
  const steps = buckets.flatMap((bucket, place) => {
    const next = buckets[place + 1];
    const rows = stack.reduce((sum, { of }) => sum + bucket[of], 0);
    const isLast = next === undefined || next.from.getTime() > bucket.to.getTime() + widthSeconds * 500;
    return isLast
      ? [
          { at: bucket.from, rows },
          { at: bucket.to, rows: 0 },
        ]
      : [{ at: bucket.from, rows }];
  });
  return [{ at: first.from, rows: 0 }, ...steps];
}

/** How long loads took from the opening of their window to their publish: half of them, and nine in ten. */
export function durationsChart({ buckets, widthSeconds }: LoadHistory): Html {
  const slowest = Math.max(...buckets.map(({ slow }) => slow ?? 0));
  const unit = timeUnit(slowest);
  const points = buckets.flatMap(({ from, median, slow }) =>
    median === null || slow === null
      ? []
      : [
          {
            at: new Date(from.getTime() + widthSeconds * 500),
            median: median / unit.seconds,
            slow: slow / unit.seconds,
          },
        ],
  );
  return drawPlot(
    {
      ...frameOf(buckets),
      y: { label: unit.name, grid: true, ticks: 4, nice: true, zero: true },
      marks: [
        ruleY([0], { stroke: 'var(--line)' }),
        areaY(points, { x: 'at', y1: 'median', y2: 'slow', fill: 'var(--link)', fillOpacity: 0.18 }),
        lineY(points, {
          x: 'at',
          y: 'median',
          stroke: 'var(--link)',
          strokeWidth: 1.6,
          marker: points.length < 3 ? 'dot' : 'none',
        }),
      ],
    },
    {
      label: `Duration of loads over time: nine in ten of the slowest stretch took up to ${spanText(slowest)}`,
    },
  );
}

function frameOf(buckets: readonly LoadBucket[]): PlotOptions {
  const [first, last] = [buckets[0], buckets.at(-1)];
  return {
    width: 480,
    height: 180,
    marginTop: 24,
    marginLeft: 46,
    x: {
      type: 'utc',
      ...(first === undefined || last === undefined ? {} : { domain: [first.from, last.to] }),
    },
  };
}

/** `12k`, `3.4M`: what stands on an axis has no room for more. */
function shortNumber(value: number): string {
  const [unit, size] =
    value >= 1e9 ? ['G', 1e9] : value >= 1e6 ? ['M', 1e6] : value >= 1e3 ? ['k', 1e3] : (['', 1] as const);
  return `${Math.round((value / size) * 100) / 100}${unit}`;
}
