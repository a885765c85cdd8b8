import { isList, isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { JsonSchema } from './json-schema.ts';
import { sum } from './kl-divergence.ts';
import type { BinPartition, Holdout } from './kl-divergence.ts';

/** A value of a partition. */
export type Value = string | number | boolean;

/** An end of a bin; an infinite one is text, as JSON has no such number. */
type End = number | 'Infinity' | '-Infinity';

/** Arguments of a promise about a distribution. */
export interface KlKwargs {
  readonly column: string;
  /** Null or left out: nothing is expected, and the result shows how the column is distributed. */
  readonly partition_object?: {
    readonly bins?: readonly End[];
    readonly values?: readonly Value[];
    readonly weights: readonly number[];
    readonly tail_weights?: readonly [number, number];
  } | null;
  readonly threshold?: number | null;
  readonly tail_weight_holdout?: number | null;
  readonly internal_weight_holdout?: number | null;
}

const weight: JsonSchema = { type: 'number', minimum: 0 };
/** JSON Schema of a share that is set aside. */
export const holdoutProperty = (of: string): JsonSchema => ({
  type: ['number', 'null'],
  minimum: 0,
  maximum: 1,
  description: `Share of the expected weight that is set aside for ${of}.`,
});

/** JSON Schema of a partition. */
export const partitionProperty: JsonSchema = {
  type: ['object', 'null'],
  required: ['weights'],
  additionalProperties: false,
  properties: {
    bins: {
      type: 'array',
      minItems: 2,
      items: { anyOf: [{ type: 'number' }, { type: 'string', enum: ['Infinity', '-Infinity'] }] },
    },
    values: { type: 'array', minItems: 1, items: { type: ['string', 'number', 'boolean'] } },
    weights: { type: 'array', minItems: 1, items: weight },
    tail_weights: { type: 'array', minItems: 2, maxItems: 2, items: weight },
  },
  description: 'What is expected: `values` or the ends of `bins`, and the share of each, together 1.',
};

/** Refuses a partition that is none, and holdouts that it leaves no room for. */
export function checkPartition(kwargs: JsonObject): readonly string[] {
  const { partition_object: partition } = kwargs;
  const [tail, internal] = [kwargs['tail_weight_holdout'] ?? 0, kwargs['internal_weight_holdout'] ?? 0];
  if (!isObject(partition) || !isList(partition['weights'])) return [];
  const { bins, values, weights, tail_weights: tails = [] } = partition;
  const numbers = [...weights, ...(isList(tails) ? tails : [])].map(Number);
  const found =
    Math.abs(sum(numbers) - 1) > 1e-5 ? ['the weights of `partition_object` do not come to 1'] : [];
  if (isList(values)) {
    if (isList(bins)) found.push('`partition_object` has both `bins` and `values`');
    if (values.length !== weights.length) found.push('`values` and `weights` are of different lengths');
    if (new Set(values).size < values.length) found.push('`values` has a value twice');
    if (internal !== 0) found.push('`internal_weight_holdout` has no meaning for values');
    return found;
  }
  if (!isList(bins)) return [...found, '`partition_object` has neither `bins` nor `values`'];
  const ends = bins.map(Number);
  if (ends.length !== weights.length + 1) found.push('`bins` has to have one number more than `weights`');
  if (ends.some((end, place) => place > 0 && end <= (ends[place - 1] ?? end)))
    found.push('`bins` do not rise');
  const open = ends.filter((end) => !Number.isFinite(end)).length;
  if (open === 2 && tail !== 0) found.push('`tail_weight_holdout` has no meaning beside two infinite ends');
  if (open > 0 && 'tail_weights' in partition)
    found.push('`tail_weights` have no meaning beside an infinite end');
  if ('tail_weights' in partition && tail !== 0)
    found.push('`tail_weight_holdout` has no meaning beside `tail_weights`');
  return found;
}

/** What is set aside. */
export function holdoutOf(kwargs: KlKwargs): Holdout {
  return { tail: kwargs.tail_weight_holdout ?? 0, internal: kwargs.internal_weight_holdout ?? 0 };
}

/** The partition where it is one of numbers, else null. */
export function binsOf({ partition_object: partition }: KlKwargs): BinPartition | null {
  const { bins, weights = [], tail_weights } = partition ?? {};
  if (bins === undefined) return null;
  return { bins: bins.map(Number), weights, ...(tail_weights === undefined ? {} : { tail_weights }) };
}
