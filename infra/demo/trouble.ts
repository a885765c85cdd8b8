/**
 * Trouble made on purpose. The sample is clean; what the story breaks, it breaks here, one thing a line, so that
 * `diff` of the file and the sample shows all of it.
 */

/** An expectation of the transactions suite that a troubled line breaks. */
export interface Broken {
  readonly expectation: string;
  readonly column: string;
  /** Rows that break it, as Great Expectations counts them. */
  readonly rows: number;
  /** What was done, in words. */
  readonly trouble: string;
}

/** An hour's file whose records are all records, and four of them wrong. */
export interface SpoiledHour {
  readonly lines: readonly string[];
  readonly broken: readonly Broken[];
}

/** A line that is no record, where it stands in the file, and what is wrong with it. */
export interface Malformed {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  readonly trouble: string;
}

/** An hour's file with lines that no reader can take for a record, beside all of its own. */
export interface MalformedHour {
  readonly lines: readonly string[];
  readonly malformed: readonly Malformed[];
}

/** No store has it: the sample's numbers end at 34,280. */
const unknownStore = 'STORE_99999';

/** Over the 100,000 that CONTEXT calls the limit of a transaction: a decimal point that slipped. */
const amountOverLimit = '250000.00';

/**
 * Adds two lines that are no records to an hour's file, both copies of real ones: after the first line one that breaks
 * off in its middle (not JSON), and at the end one without its `transaction_id` (JSON, but not a record).
 */
export function malformHour(baskets: readonly string[]): MalformedHour {
  const [first, ...rest] = baskets;
  if (first === undefined) throw tooFew(baskets, 1);
  const brokenOff = first.slice(0, Math.floor(first.length / 2));
  const nameless = replaceOnce(first, /"transaction_id":"[^"]*",/, '');
  const lines = [first, brokenOff, ...rest, nameless];
  return {
    lines,
    malformed: [
      { line: 2, text: brokenOff, trouble: 'breaks off in its middle: not valid JSON' },
      { line: lines.length, text: nameless, trouble: 'has no transaction_id: not a record' },
    ],
  };
}

/**
 * Spoils four of an hour's baskets, each in one way that one expectation names: the first comes twice with two
 * amounts, the second lacks its store, the third names a store that does not exist, the fourth has an amount over the
 * limit. All other lines stay as they were.
 *
 * @throws Error when the hour has fewer than four baskets.
 */
export function spoilHour(baskets: readonly string[]): SpoiledHour {
  const [twice, homeless, stray, huge, ...rest] = baskets;
  if (twice === undefined || homeless === undefined || stray === undefined || huge === undefined) {
    throw tooFew(baskets, 4);
  }
  const lines = [
    twice,
    withAmount(twice, amountOf(twice) === '1.00' ? '2.00' : '1.00'),
    withStore(homeless, 'null'),
    withStore(stray, `"${unknownStore}"`),
    withAmount(huge, amountOverLimit),
    ...rest,
  ];
  return {
    lines,
    broken: [
      broken(
        'expect_column_values_to_be_unique',
        'transaction_id',
        2,
        'two different records of one transaction',
      ),
      broken('expect_column_values_to_not_be_null', 'store_id', 1, 'no store'),
      broken(
        'expect_column_values_to_be_in_set',
        'store_id',
        1,
        `a store that does not exist, ${unknownStore}`,
      ),
      broken('expect_column_values_to_be_between', 'total_amount', 1, `an amount of ${amountOverLimit}`),
    ],
  };
}

function broken(expectation: string, column: string, rows: number, trouble: string): Broken {
  return { expectation, column, rows, trouble };
}

function withStore(line: string, json: string): string {
  return replaceOnce(line, /"store_id":"[^"]*"/, `"store_id":${json}`);
}

function withAmount(line: string, amount: string): string {
  return replaceOnce(line, /"total_amount":"[^"]*"/, `"total_amount":"${amount}"`);
}

function amountOf(line: string): string | undefined {
  return /"total_amount":"([^"]*)"/.exec(line)?.[1];
}

/** Edits the text and not the parsed record, so that everything else stays byte for byte. */
function replaceOnce(line: string, pattern: RegExp, replacement: string): string {
  const replaced = line.replace(pattern, replacement);
  if (replaced === line)
    throw new Error(`nothing in the line matches ${pattern.source}: ${line.slice(0, 120)}…`);
  return replaced;
}

function tooFew(baskets: readonly string[], least: number): Error {
  return new Error(
    `the hour has ${baskets.length} baskets, and this trouble needs ${least}: choose a fuller hour`,
  );
}
