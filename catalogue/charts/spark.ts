import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { Bucket, PromiseUnit } from '../read/promise-history.ts';
import { valueAxis } from './value-axis.ts';

/** How a small line is drawn. */
export interface SparkOptions {
  /** What it shows, for who cannot see it. */
  readonly label: string;
  readonly unit: PromiseUnit;
}

const WIDTH = 120;
const HEIGHT = 24;

/**
 * The past of a value as a line small enough for a table's cell: without axes, its last value as a dot, what broke as a
 * cross. Null where there is nothing to draw.
 */
export function spark(series: readonly Bucket[], { label, unit }: SparkOptions): Html | null {
  const buckets = series.filter(({ last }) => Number.isFinite(last));
  const [first, latest] = [buckets[0], buckets.at(-1)];
  if (first === undefined || latest === undefined) return null;
  const axis = valueAxis(unit, { values: buckets.map(({ last }) => last), lower: [], upper: [] });
  const [low, high] = axis.domain;
  const [from, to] = [first.from.getTime(), latest.to.getTime()];
  const x = (bucket: Bucket): number =>
    from === to ? WIDTH - 3 : 3 + ((bucket.from.getTime() - from) / (to - from)) * (WIDTH - 6);
  const y = ({ last }: Bucket): number =>
    high === low ? HEIGHT / 2 : HEIGHT - 3 - ((axis.at(last) - low) / (high - low)) * (HEIGHT - 6);
  const place = (bucket: Bucket): string => `${tenth(x(bucket))} ${tenth(y(bucket))}`;
  const crosses = buckets
    .filter(({ worst }) => worst !== 'held')
    .map((one) => `M${place(one)}m-2.5-2.5 5 5m0-5-5 5`);
  return html`<svg
    class="spark"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    width="${WIDTH}"
    height="${HEIGHT}"
    role="img"
    aria-label="${label}"
  >
    <path
      d="M${buckets.map(place).join('L')}"
      fill="none"
      stroke="var(--link)"
      stroke-width="1.5"
      stroke-linejoin="round"
    />
    <circle cx="${tenth(x(latest))}" cy="${tenth(y(latest))}" r="2.2" fill="var(--link)" />
    ${crosses.length === 0 ? null : html`<path d="${crosses.join('')}" fill="none" stroke="var(--fail)" stroke-width="1.8" />`}
  </svg>`;
}

function tenth(length: number): number {
  return Math.round(length * 10) / 10;
}
