import { sql } from 'kysely';
import { defineColumnMap, mostlyWords } from '../column-map.ts';
import type { ColumnKwargs } from '../column-map.ts';
import type { JsonObject } from '../json.ts';
import { shown } from '../measured.ts';
import { CannotEvaluate } from '../scan.ts';
import { dateOf, readStrftime } from '../strftime.ts';

interface FormatKwargs extends ColumnKwargs {
  readonly strftime_format: string;
}

function checkFormat({ strftime_format: format }: JsonObject): readonly string[] {
  const read = typeof format === 'string' ? readStrftime(format) : null;
  return typeof read === 'string'
    ? [`\`strftime_format\` has ${read}, which is unknown, repeated or of a locale`]
    : [];
}

/** Every value of a text column is a date or time written in a format. */
export default defineColumnMap<FormatKwargs>({
  type: 'expect_column_values_to_match_strftime_format',
  docs: {
    promise:
      'Every value of the column is a date or time written in a format of strftime, with English names, and a day that exists.',
    empty: 'An empty batch passes.',
    nulls: 'NULLs are left out.',
    source: 'https://greatexpectations.io/expectations/expect_column_values_to_match_strftime_format',
  },
  properties: {
    strftime_format: { type: 'string', minLength: 1, description: 'Such as %Y-%m-%d %H:%M:%S.' },
  },
  required: ['strftime_format'],
  check: checkFormat,
  breaks: ({ strftime_format }, column) => {
    const pattern = readStrftime(strftime_format);
    if (typeof pattern === 'string') throw new CannotEvaluate(`there is no directive ${pattern}`);
    const text = sql`${column.sql}::text`;
    const differs = sql`${text} !~ ${pattern.regex}::text`;
    const date = dateOf(pattern);
    if (date === null) return differs;
    const day = sql`regexp_replace(${text}, ${pattern.regex}::text, ${date}::text)`;
    return sql`${differs} or not pg_catalog.pg_input_is_valid(${day}, 'date')`;
  },
  describe: ({ column, strftime_format, mostly }) =>
    `${column} written as ${shown(strftime_format)}${mostlyWords(mostly)}`,
  broken: 'written otherwise',
  examples: [
    {
      title: 'another order, and a day that does not exist',
      columns: { day: 'text' },
      rows: [['2017-01-31'], ['2016-2-29'], ['31.01.2017'], ['2017-02-29'], ['2017-01-31 '], [null]],
      kwargs: { column: 'day', strftime_format: '%Y-%m-%d' },
      success: false,
      result: { element_count: 6, missing_count: 1, unexpected_count: 3 },
    },
    {
      title: 'names and times',
      columns: { at: 'text' },
      rows: [['Sun, 29 Feb 04 11:59:59.5 PM'], ['sun, 1 jan 17 1:00:00.000001 am']],
      kwargs: { column: 'at', strftime_format: '%a, %d %b %y %I:%M:%S.%f %p' },
      success: true,
      result: { unexpected_count: 0 },
    },
  ],
});
