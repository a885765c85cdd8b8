import { sql } from 'kysely';
import { boundValue } from '../bounds.ts';
import { columnProperty } from '../column-map.ts';
import { defineExpectation } from '../define-expectation.ts';
import type { Judgement } from '../define-expectation.ts';
import { parseInterval } from '../expression-value.ts';
import { formatInstant, parseInstant } from '../instant.ts';
import type { Json, JsonObject } from '../json.ts';
import type { JsonSchema } from '../json-schema.ts';
import { shown } from '../measured.ts';
import { CannotEvaluate } from '../scan.ts';
import type { Column, Scan, Sql } from '../scan.ts';
import { aboutTable } from '../table-fact.ts';

interface FreshKwargs {
  readonly column: string;
  readonly max_age: string;
  readonly max_ahead?: string | null;
}

const span = (what: string): JsonSchema => ({
  type: ['string'],
  description: `${what}: a number and a unit, such as 5 minutes, or 1 hour 30 minutes.`,
});

/** A hundred years: beyond that a span is a slip, and the calendar ends somewhere. */
const LONGEST = 36_525 * 86_400e6;

/** Microseconds; null for text that is no span of time, for one below 0 and for one that is too long. */
function microsOf(text: string): number | null {
  try {
    const { micros } = parseInterval(text);
    return micros < 0 || micros > LONGEST ? null : micros;
  } catch {
    return null;
  }
}

function checkSpans(kwargs: JsonObject): readonly string[] {
  return ['max_age', 'max_ahead'].flatMap((name) => {
    const written: Json = kwargs[name] ?? null;
    const wrong = typeof written === 'string' && microsOf(written) === null;
    return wrong ? [`\`${name}\` is no span of time of up to 100 years, such as "5 minutes"`] : [];
  });
}

/** The as-of time moved by a span, as what the column compares with. */
function moved(scan: Scan, column: Column, written: string, sign: 1 | -1): Sql {
  const [asOf, micros] = [parseInstant(scan.asOf), microsOf(written)];
  if (asOf === null || micros === null) throw new CannotEvaluate(`${written} is no span of time`);
  return boundValue(column, formatInstant({ kind: 'instant', micros: asOf.micros + sign * micros }));
}

/** The newest value between the times that it may be. A date is as old as its end, so nothing is said of its beginning. */
function boundedTime(
  newest: Json,
  asOf: Json,
  { max_age, max_ahead = null }: FreshKwargs,
): Pick<Judgement, 'bounded'> {
  const instantOf = (text: Json) => (typeof text === 'string' ? parseInstant(text) : null);
  const [time, now] = [instantOf(newest), instantOf(asOf)];
  if (time === null || now === null) return {};
  const moved = (from: number, micros: number): string =>
    formatInstant({ kind: 'instant', micros: from + micros });
  const isDate = typeof newest === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(newest);
  const ahead = max_ahead === null || isDate ? null : microsOf(max_ahead);
  return {
    bounded: {
      value: moved(time.micros, isDate ? 86_400e6 : 0),
      lower: moved(now.micros, -(microsOf(max_age) ?? 0)),
      upper: ahead === null ? null : moved(now.micros, ahead),
    },
  };
}

/** The newest value of a column is not older than it may be. */
export default defineExpectation<FreshKwargs>({
  type: 'expect_column_max_to_be_fresh',
  docs: {
    promise:
      'The newest value of the column is at most `max_age` older than the as-of time, and not further ahead of it than `max_ahead`, where that is given. A time without a zone is UTC. A date is as new as the end of its day, and ahead from its beginning.',
    empty: 'An empty batch breaks it: nothing in it is new.',
    nulls: 'NULLs are left out; a column of nothing but NULLs breaks it.',
    source: 'https://docs.getdbt.com/reference/resource-properties/freshness',
  },
  properties: {
    column: columnProperty,
    max_age: span('How old the newest value may be'),
    max_ahead: {
      ...span('How far ahead of the as-of time it may be; left out: any, but for infinity'),
      type: ['string', 'null'],
    },
  },
  required: ['column', 'max_age'],
  mostly: false,
  check: checkSpans,
  columns: ({ column }) => [column],
  measure: ({ column: name, max_age, max_ahead = null }, scan) => {
    const column = scan.column(name);
    if (column.category !== 'time')
      throw new CannotEvaluate(`column ${name} is ${column.type}, neither a date nor a time`);
    const newest = scan.aggregate(sql`max(${column.sql})`);
    const lasts = column.type === 'date' ? sql`${newest} + 1` : newest;
    return {
      newest: sql`to_jsonb(${newest})`,
      stale: sql`${lasts} < ${moved(scan, column, max_age, -1)}`,
      // Infinity would be fresh for ever.
      ahead:
        max_ahead === null
          ? sql`not isfinite(${newest})`
          : sql`${newest} > ${moved(scan, column, max_ahead, 1)}`,
      asOf: sql`${scan.asOf}::text`,
    };
  },
  judge: (kwargs, { newest = null, stale, ahead, asOf = null }) => {
    const words = stale === true ? 'too old' : ahead === true ? 'too far ahead' : 'fresh';
    return {
      ...aboutTable(
        newest === null ? 'no value at all' : `newest is ${shown(newest)}, ${words} as of ${shown(asOf)}`,
      ),
      success: stale === false && ahead === false,
      result: { observed_value: newest, details: { as_of: asOf } },
      ...boundedTime(newest, asOf, kwargs),
    };
  },
  describe: ({ column, max_age, max_ahead = null }) =>
    `newest ${column} at most ${max_age} old${max_ahead === null ? '' : ` and at most ${max_ahead} ahead`}`,
  // The as-of time of the examples is 2017-01-01 10:00 UTC.
  examples: [
    {
      title: 'infinity is no time that anything arrived at',
      columns: { at: 'timestamptz' },
      rows: [['2017-01-01 10:00:00+00'], ['infinity']],
      kwargs: { column: 'at', max_age: '5 minutes' },
      success: false,
      result: { observed_value: 'infinity' },
    },
    {
      title: 'six minutes old, five are allowed',
      columns: { at: 'timestamptz' },
      rows: [['2017-01-01 11:54:00+02'], ['2017-01-01 09:00:00+00'], [null]],
      kwargs: { column: 'at', max_age: '5 minutes' },
      success: false,
      result: { observed_value: '2017-01-01T09:54:00+00:00' },
    },
    {
      title: 'a time without a zone is UTC',
      columns: { at: 'timestamp' },
      rows: [['2017-01-01 08:45:00']],
      kwargs: { column: 'at', max_age: '1 hour 15 minutes' },
      success: true,
      result: { observed_value: '2017-01-01T08:45:00' },
    },
    {
      title: 'yesterday ended ten hours ago',
      columns: { day: 'date' },
      rows: [['2016-12-31'], ['2016-12-30']],
      kwargs: { column: 'day', max_age: '10 hours' },
      success: true,
      result: { observed_value: '2016-12-31' },
    },
    {
      title: 'a clock that runs ahead',
      columns: { at: 'timestamptz' },
      rows: [['2017-01-01 10:10:01+00']],
      kwargs: { column: 'at', max_age: '5 minutes', max_ahead: '10 minutes' },
      success: false,
      result: {},
    },
    {
      title: 'nothing is not fresh',
      columns: { at: 'timestamp' },
      rows: [[null]],
      kwargs: { column: 'at', max_age: '1 day' },
      success: false,
      result: { observed_value: null },
    },
  ],
});
