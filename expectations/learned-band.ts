import { sql } from 'kysely';
import type { Judgement, Measured } from './define-expectation.ts';
import { isList } from './json.ts';
import type { JsonObject } from './json.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Scan, Sql } from './scan.ts';
import { aboutTable } from './table-fact.ts';

/** Arguments of a promise that a figure lies where it used to lie. */
export interface LearnedKwargs {
  readonly weeks?: number;
  readonly width?: number;
  readonly min_width?: number;
  readonly min_samples?: number;
  readonly until_learned?: 'pass' | 'fail';
}

/** What a figure used to be. */
export interface Band {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

const DEFAULTS = { weeks: 8, width: 4, min_samples: 4 };

/** JSON Schema of the arguments of a learned band. @param least what `min_width` is. */
export function learnedProperties(least: string): Readonly<Record<string, JsonSchema>> {
  return {
    weeks: {
      type: 'integer',
      minimum: 1,
      maximum: 52,
      description: `How many weeks back it learns from; default ${DEFAULTS.weeks}.`,
    },
    width: {
      type: 'number',
      exclusiveMinimum: 0,
      description: `How far from the median is outside, in standard deviations; default ${DEFAULTS.width}.`,
    },
    min_width: { type: 'number', minimum: 0, description: least },
    min_samples: {
      type: 'integer',
      minimum: 2,
      description: `Loads it must have seen in this hour of the week; default ${DEFAULTS.min_samples}.`,
    },
    until_learned: {
      enum: ['pass', 'fail'],
      description: 'What it is until it has seen that many; default pass.',
    },
  };
}

/** Refuses what could never be judged, and would pass for ever: each week teaches once. */
export function checkLearnable(kwargs: JsonObject): readonly string[] {
  const { weeks = DEFAULTS.weeks, min_samples: needed = DEFAULTS.min_samples } = kwargs;
  const never = typeof weeks === 'number' && typeof needed === 'number' && weeks > 0 && needed > weeks;
  return never
    ? [
        `\`min_samples\` is ${needed} and \`weeks\` ${weeks}: each week teaches once, so it would never be judged`,
      ]
    : [];
}

/** The figures it learns from, as a measure: they were read beside the batch, nothing is scanned. */
export function pastFigures({ weeks = DEFAULTS.weeks }: LearnedKwargs, scan: Scan, figure: string): Sql {
  const past = scan.past(figure).filter(({ weeksAgo }) => weeksAgo <= weeks);
  return sql`to_jsonb(${past.map((one) => one.figure)}::float8[])`;
}

/** A figure to be judged. */
export interface Learned {
  /** Null where there is nothing it could be of. */
  readonly figure: number | null;
  /** How far chance alone takes a figure from the given median: one standard deviation. */
  readonly noise: (median: number) => number;
  /** Half of the band is never less. */
  readonly least: (median: number) => number;
  /** As people read it. */
  readonly shown: (figure: number) => string;
  readonly highest?: number;
}

/** Judges a figure by those before it. Where there are too few it says so, and `until_learned` decides. */
export function judgeLearned(kwargs: LearnedKwargs, measured: Measured, learned: Learned): Judgement {
  const { figure, shown } = learned;
  const { min_samples: needed = DEFAULTS.min_samples, until_learned = 'pass' } = kwargs;
  const past = pastOf(measured);
  const samples = { samples: past.length, min_samples: needed };
  if (figure === null) {
    const details = { ...samples, judged: false };
    const result = { observed_value: null, details };
    return { ...aboutTable('no rows to judge'), success: true, result, figure };
  }
  if (past.length < needed) {
    const words = `${shown(figure)}; ${past.length} of ${needed} samples of this hour of the week, not yet judged`;
    const result = { observed_value: figure, details: { ...samples, judged: false } };
    const bounded = { value: figure, lower: null, upper: null };
    return { ...aboutTable(words), success: until_learned === 'pass', result, figure, bounded };
  }
  const band = bandOf(past, kwargs, learned);
  const words = `${shown(figure)}; ${shown(band.low)} to ${shown(band.high)} in this hour of the week, by ${past.length} samples`;
  return {
    ...aboutTable(words),
    success: figure >= band.low && figure <= band.high,
    result: { observed_value: figure, details: { ...samples, judged: true, ...band } },
    figure,
    bounded: { value: figure, lower: band.low, upper: band.high },
  };
}

function pastOf(measured: Measured): readonly number[] {
  const past = measured['past'];
  return isList(past) ? past.filter((one) => typeof one === 'number') : [];
}

/**
 * Where a figure lies, by those before it: the median, and around it `width` standard deviations. These are told by the
 * median absolute deviation, which a bad week among good ones does not move; few samples tell too little of both, and
 * the band is wider for that. It is never narrower than chance alone and `min_width` ask.
 *
 * Of figures that vary by a tenth or a fifth from week to week, 1 to 2 in 100 lie outside by chance with eight samples,
 * 2 to 4 with four.
 *
 * @see https://www.itl.nist.gov/div898/handbook/eda/section3/eda35h.htm for the rule (modified z-scores)
 * @see https://arxiv.org/abs/2207.12005 for few samples
 */
export function bandOf(
  past: readonly number[],
  { width = DEFAULTS.width }: LearnedKwargs,
  { noise, least, highest = Number.POSITIVE_INFINITY }: Pick<Learned, 'noise' | 'least' | 'highest'>,
): Band {
  const middle = median(past);
  const deviation = median(past.map((one) => Math.abs(one - middle)));
  const spread = deviation * TO_STANDARD_DEVIATION * fewSamples(past.length);
  const half = Math.max(width * Math.max(spread, noise(middle)), least(middle));
  return { median: middle, low: Math.max(0, middle - half), high: Math.min(highest, middle + half) };
}

/** Of a normal distribution, the standard deviation is this many median absolute deviations. */
const TO_STANDARD_DEVIATION = 1.4826;

/** What the median absolute deviation of 2 to 9 samples falls short by. */
const SHORTFALL: readonly number[] = [1.196, 1.495, 1.363, 1.206, 1.2, 1.14, 1.129, 1.107];

/** How much wider a band of few samples is: for the deviation, and for the median itself, which is uncertain too. */
function fewSamples(count: number): number {
  const shortfall = SHORTFALL[count - 2] ?? count / (count - 0.8);
  return shortfall * Math.sqrt(1 + Math.PI / (2 * count));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}

/** What such a promise is in words. */
export function learnedWords({ weeks = DEFAULTS.weeks }: LearnedKwargs): string {
  return `where it lay in this hour of the week, learned from ${weeks} weeks`;
}
