import { numberText, shareText } from '../parts/texts.ts';
import type { PromiseUnit } from '../read/promise-history.ts';
import { timeUnit } from './time-unit.ts';

/** How values of a promise stand on an axis. */
export interface ValueAxis {
  /** Where a value stands, in the axis's own measure. Finite for every finite value. */
  readonly at: (value: number) => number;
  /** Of what is shown, in that measure; the first below the second. */
  readonly domain: readonly [number, number];
  /** In that measure; null: wherever they fall evenly. */
  readonly ticks: readonly number[] | null;
  readonly tickText: (at: number) => string;
  /** What it counts in, where numbers alone do not say: `minutes`. */
  readonly label: string | null;
  /** Bounds too far off to be drawn without making a flat line of the values. */
  readonly beyond: readonly Beyond[];
}

/** A bound outside of what is shown. */
export interface Beyond {
  readonly side: 'lower' | 'upper';
  readonly text: string;
}

/** What has to be shown: values, and the bounds of now and before. All finite. */
export interface Shown {
  readonly values: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
}

/** Of the axis's height the values take at least so much, whatever it takes to leave a bound out. */
const LEAST_HEIGHT = 1 / 6;

/**
 * The axis on which values can be told apart and bounds are seen: bounds belong to the picture while they leave the values
 * a sixth of its height, else they are named at its edge.
 *
 * Shares near 1 stand on a scale of nines, where 99 %, 99.9 % and 99.99 % are as far from each other: on a plain one all of
 * them are a flat line at the top.
 */
export function valueAxis(unit: PromiseUnit, shown: Shown): ValueAxis {
  if (unit === 'share' && Math.max(...shown.values) > NEAR_ONE) return ninesAxis(shown);
  if (unit === 'share') {
    const axis = linearAxis(shown, { at: same, tickText: shareText, label: null });
    return { ...axis, domain: [Math.max(0, axis.domain[0]), Math.min(1, axis.domain[1])] };
  }
  if (unit === 'value') return linearAxis(shown, { at: same, tickText: shortNumber, label: null });
  const { name, seconds } = timeUnit(Math.max(...shown.values.map(Math.abs)));
  return linearAxis(shown, { at: (value) => value / seconds, tickText: numberText, label: name });
}

/** `12 345`, `3.4 M`: what stands on an axis has no room for more. */
function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${numberText(value / 1e9)} G`;
  return size >= 1e6 ? `${numberText(value / 1e6)} M` : numberText(value);
}

function same(value: number): number {
  return value;
}

type Measure = Pick<ValueAxis, 'at' | 'tickText' | 'label'>;

function linearAxis(shown: Shown, measure: Measure): ValueAxis {
  const values = shown.values.map(measure.at);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // A constant has no height: what is near it is measured by its size.
  const height = high - low || Math.abs(high) * 0.1 || 1;
  const near = (bound: number): boolean => {
    const all = Math.max(high, bound) - Math.min(low, bound);
    return all === 0 || Math.max(high - low, height * LEAST_HEIGHT) / all >= LEAST_HEIGHT;
  };
  const [lower, upper] = [shown.lower.map(measure.at), shown.upper.map(measure.at)];
  const inside = [...lower, ...upper].filter(near);
  const [from, to] = [Math.min(low, ...inside), Math.max(high, ...inside)];
  // Two numbers may be too near each other for a chart to be computed between them.
  const pad = Math.max((to - from) * 0.08 || height / 2, Math.abs(to) * 1e-6, 1e-12);
  return {
    ...measure,
    domain: [from - pad, to + pad],
    ticks: null,
    beyond: [
      ...beyondOf('lower', lower, near, measure.tickText),
      ...beyondOf('upper', upper, near, measure.tickText),
    ],
  };
}

function beyondOf(
  side: Beyond['side'],
  bounds: readonly number[],
  near: (bound: number) => boolean,
  tickText: (at: number) => string,
): readonly Beyond[] {
  const bound = bounds.at(-1);
  return bound === undefined || near(bound) ? [] : [{ side, text: tickText(bound) }];
}

/** Below that, one nine is hardly reached, and a plain axis tells shares apart. */
const NEAR_ONE = 0.95;
/** A row of a hundred million is as good as none. */
const MOST_NINES = 9;
/** More do not fit beside each other. */
const MOST_TICKS = 4;

function ninesAxis({ values, lower, upper }: Shown): ValueAxis {
  const all = [...values, ...lower, ...upper];
  const missing = all.map((share) => 1 - share).filter((share) => share > 0);
  const most = missing.length === 0 ? 0 : ninesOf(1 - Math.min(...missing));
  // The whole stands one nine above the best of what is not whole.
  const whole = Math.min(MOST_NINES, Math.max(2, Math.floor(most + 1e-9) + 2));
  const at = (share: number): number => (share >= 1 ? whole : Math.min(whole - 0.5, ninesOf(share)));
  const lowest = Math.floor(Math.min(...all.map(at), whole - 1) + 1e-9);
  const step = Math.ceil((whole - lowest) / MOST_TICKS);
  const ticks = Array.from(
    { length: Math.floor((whole - lowest) / step) + 1 },
    (_, index) => whole - index * step,
  );
  return {
    at,
    domain: [lowest, whole + (whole - lowest) * 0.06],
    ticks,
    tickText: (nines) =>
      nines === whole ? '100 %' : `${Number((100 - 10 ** (2 - nines)).toPrecision(12))} %`,
    label: null,
    beyond: [],
  };
}

/** 90 % is one, 99.9 % three. @param share below 1. */
function ninesOf(share: number): number {
  // 0.999 is three of them and not a little less, as it is in binary.
  return Math.max(0, Math.round(-Math.log10(1 - Math.max(0, share)) * 1e9) / 1e9);
}
