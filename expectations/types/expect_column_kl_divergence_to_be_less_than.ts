import { sql } from 'kysely';
import { numeric } from '../column-aggregate.ts';
import { columnProperty } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import type { Judgement, Measure, Measured } from '../define-expectation.ts';
import { isList } from '../json.ts';
import type { Json, JsonObject } from '../json.ts';
import { divergence, expectedWeights, finiteBins, weighValues, withTails } from '../kl-divergence.ts';
import type { BinPartition } from '../kl-divergence.ts';
import { binsOf, checkPartition, holdoutOf, holdoutProperty, partitionProperty } from '../kl-partition.ts';
import type { KlKwargs, Value } from '../kl-partition.ts';
import { countProfile, profileOf } from '../kl-profile.ts';
import { countOf, shown } from '../measured.ts';
import { CannotEvaluate } from '../scan.ts';
import type { Column, Scan, Sql } from '../scan.ts';
import { aboutTable } from '../table-fact.ts';

/** More different values than this have no partition to compare with. */
const MOST_VALUES = 10_000;

/** Rows of each bin (the last one with its upper end), below and above, in the one scan. */
function countBins(scan: Scan, column: Column, bins: readonly number[]): Sql {
  const value = numeric(column).sql;
  const at = (place: number): Sql => sql`${bins[place] ?? 0}::double precision`;
  const last = bins.length - 1;
  const inside = bins.slice(1).map((_, place) => {
    const below = place + 1 === last ? sql`<=` : sql`<`;
    return scan.count(sql`${value} >= ${at(place)} and ${value} ${below} ${at(place + 1)}`);
  });
  const tails = [scan.count(sql`${value} < ${at(0)}`), scan.count(sql`${value} > ${at(last)}`)];
  return sql`to_jsonb(array[${sql.join([...tails, ...inside])}])`;
}

/** Each different value and its rows: a query beside the scan. */
function countValues(scan: Scan, column: Column): Sql {
  const present = scan.where(sql`${column.sql} is not null`);
  const counted = sql`select jsonb_build_array(${column.sql}, count(*)) as pair from ${scan.batch} where ${present} group by ${column.sql} limit ${MOST_VALUES + 1}::integer`;
  return sql`(select coalesce(jsonb_agg(pair), '[]') from (${counted}) as counted)`;
}

function countsOf(kwargs: KlKwargs, scan: Scan, column: Column): Measure {
  if ((kwargs.partition_object ?? null) === null) return { beside: countProfile(scan, column) };
  const partition = binsOf(kwargs);
  if (partition === null) return { beside: countValues(scan, column) };
  const bins = finiteBins(partition);
  if (bins.length < 2) throw new CannotEvaluate('there is no bin between finite ends');
  return countBins(scan, column, bins);
}

function judgeBins(kwargs: KlKwargs, partition: BinPartition, measured: Measured): Judgement {
  const [below = 0, above = 0, ...inside] = isList(measured['counts']) ? measured['counts'].map(Number) : [];
  const present = countOf(measured, 'present');
  const share = (count: number): number => count / present;
  const observed = { weights: inside.map(share), tails: [share(below), share(above)] as const };
  const expected = expectedWeights(partition, holdoutOf(kwargs));
  const bins = finiteBins(partition);
  return judgeDivergence(kwargs, divergence(withTails(observed), withTails(expected)), {
    observed_partition: {
      bins,
      weights: observed.weights.map(shareOrNull),
      tail_weights: observed.tails.map(shareOrNull),
    },
    expected_partition: { bins, weights: expected.weights, tail_weights: expected.tails },
  });
}

function judgeValues(kwargs: KlKwargs, measured: Measured): Judgement {
  const { values = [], weights = [] } = kwargs.partition_object ?? {};
  const expected = new Map(values.map((value, place) => [value, weights[place] ?? 0]));
  const pairs = isList(measured['counts']) ? measured['counts'].filter(isList) : [];
  const counts = new Map(pairs.map(([value = null, count = 0]) => [valueOf(value), Number(count)]));
  const weighed = weighValues(expected, counts, kwargs.tail_weight_holdout ?? 0);
  const found = pairs.length > MOST_VALUES ? Infinity : divergence(weighed.observed, weighed.expected);
  return judgeDivergence(kwargs, found, {
    observed_partition: { values: weighed.values, weights: weighed.observed.map(shareOrNull) },
    expected_partition: { values: weighed.values, weights: weighed.expected },
  });
}

/** Without a partition the column is compared with itself: the result is its distribution. */
function judgeProfile(kwargs: KlKwargs, measured: Measured): Judgement {
  const profile = profileOf(measured, countOf(measured, 'present'));
  const partition = { ...(profile ?? { bins: [], weights: [] }), tail_weights: [0, 0] };
  return judgeDivergence(kwargs, profile === null ? Infinity : 0, {
    observed_partition: partition,
    expected_partition: partition,
  });
}

/** A share of no rows is none. */
function shareOrNull(share: number): number | null {
  return Number.isNaN(share) ? null : share;
}

function valueOf(value: Json): Value {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}

function judgeDivergence({ threshold = null }: KlKwargs, found: number, details: JsonObject): Judgement {
  const observed = Number.isFinite(found) ? found : null;
  return {
    ...aboutTable(
      observed === null
        ? 'the divergence is infinite'
        : `the divergence is ${shown(Number(observed.toFixed(4)))}`,
    ),
    success: threshold === null || (observed !== null && observed <= threshold),
    result: { observed_value: observed, details },
    bounded: { value: observed, lower: null, upper: threshold },
  };
}

/** The values of a column are distributed much as expected. */
export default defineExpectation<KlKwargs>({
  type: 'expect_column_kl_divergence_to_be_less_than',
  docs: {
    promise:
      'The Kullback-Leibler divergence of the column from an expected distribution, over values or bins of numbers, is not above a threshold.',
    empty: 'An empty batch breaks it, where there is a threshold: it has no distribution.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_kl_divergence_to_be_less_than',
  },
  properties: {
    column: columnProperty,
    partition_object: partitionProperty,
    threshold: {
      type: ['number', 'null'],
      minimum: 0,
      description: 'Highest divergence, in nats. Null: any.',
    },
    tail_weight_holdout: holdoutProperty('values that are not named, or outside the bins'),
    internal_weight_holdout: holdoutProperty('bins that are expected to be empty'),
    bucketize_data: { type: 'boolean', description: 'Left by Great Expectations; not read.' },
    min_value: { type: ['number', 'null'], description: 'Left by Great Expectations; not read.' },
    max_value: { type: ['number', 'null'], description: 'Left by Great Expectations; not read.' },
  },
  required: ['column'],
  mostly: false,
  check: checkPartition,
  columns: ({ column }) => [column],
  measure: (kwargs, scan) => {
    const column = scan.column(kwargs.column);
    return {
      present: scan.present(column),
      counts: countsOf(kwargs, scan, column),
    };
  },
  judge: (kwargs, measured) => {
    if ((kwargs.partition_object ?? null) === null) return judgeProfile(kwargs, measured);
    const partition = binsOf(kwargs);
    return partition === null ? judgeValues(kwargs, measured) : judgeBins(kwargs, partition, measured);
  },
  describe: ({ column, threshold = null }) =>
    `${column} distributed as expected${threshold === null ? '' : `, divergence at most ${threshold}`}`,
  examples: [
    {
      title: 'values as expected',
      columns: { currency: 'text' },
      rows: [['EUR'], ['EUR'], ['EUR'], ['USD'], [null]],
      kwargs: {
        column: 'currency',
        partition_object: { values: ['EUR', 'USD'], weights: [0.75, 0.25] },
        threshold: 0.01,
      },
      success: true,
      result: {
        observed_value: 0,
        details: {
          observed_partition: { values: ['EUR', 'USD'], weights: [0.75, 0.25] },
          expected_partition: { values: ['EUR', 'USD'], weights: [0.75, 0.25] },
        },
      },
    },
    {
      title: 'a value that was not expected is infinitely far',
      columns: { currency: 'text' },
      rows: [['EUR'], ['GBP']],
      kwargs: { column: 'currency', partition_object: { values: ['EUR'], weights: [1] }, threshold: 10 },
      success: false,
      result: { observed_value: null },
    },
    {
      title: 'bins, with what lies beyond them',
      columns: { amount: 'double precision' },
      rows: [['-1'], ['0.5'], ['1'], ['9']],
      kwargs: {
        column: 'amount',
        partition_object: { bins: ['-Infinity', 0, 1, 'Infinity'], weights: [0.25, 0.5, 0.25] },
        threshold: 0,
      },
      success: true,
      result: {
        observed_value: 0,
        details: { observed_partition: { bins: [0, 1], weights: [0.5], tail_weights: [0.25, 0.25] } },
      },
    },
    {
      title: 'without a partition the result shows the distribution',
      columns: { amount: 'integer' },
      rows: [['0'], ['1'], ['2'], ['3'], ['4'], ['5'], ['6'], ['8'], [null]],
      kwargs: { column: 'amount', partition_object: null, threshold: null },
      success: true,
      result: {
        observed_value: 0,
        details: {
          observed_partition: {
            bins: [0, 2, 4, 6, 8],
            weights: [0.25, 0.25, 0.25, 0.25],
            tail_weights: [0, 0],
          },
        },
      },
    },
  ],
});
