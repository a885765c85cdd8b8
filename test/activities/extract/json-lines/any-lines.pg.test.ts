import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { did, line, openLanding } from '../landing.ts';
import type { Landing } from '../landing.ts';

let landing: Landing;
beforeAll(async () => {
  landing = await openLanding();
});
afterAll(() => landing.close());

const bom = Buffer.from([0xef, 0xbb, 0xbf]);

/** Values at the edge of what a type of Postgres holds, and beyond it. */
const edges = [
  ...[
    'infinity',
    'NaN',
    '-Infinity',
    '1e308',
    '-0',
    '0x10',
    '1_000',
    ' 1 ',
    'on',
    'TRUE',
    '',
    '{}',
    '[]',
    'NULL',
  ],
  ...['9999999999.99', '9999999999.995', '9223372036854775807', '9223372036854775808', '-2147483649'],
  ...[
    '294276-12-31T23:59:59.999999Z',
    '294276-12-31T23:59:59.9999999Z',
    '294277-01-01',
    '4714-11-24 00:00:00+00 BC',
  ],
  ...[
    '4714-11-24 00:00:00+15:59 BC',
    '0000-01-01',
    '2017-01-01T24:00:00Z',
    '2017-01-01T23:59:60Z',
    '20170101T000000',
    '1 day',
  ],
  ...[
    '2017-01-01 00:00 Europe/Berlin',
    '2017-03-26 02:30 Europe/Berlin',
    '2017-01-01T00:00:00+99:00',
    '1 Jan 2017',
  ],
];
const anyValue = fc.oneof(
  fc.jsonValue(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<fc.JsonValue>(...edges, edges, [null], [[]], { a: edges }, null, true, 2 ** 63),
);

/** A record with values of any kind in columns of every type. */
const anyRecord = fc.record(
  Object.fromEntries(
    [
      'transaction_id',
      'total_amount',
      'transaction_timestamp',
      'items',
      'anomaly_detected',
      'anomaly_reasons',
    ]
      .concat('kafka_offset', 'kafka_partition')
      .map((column) => [column, anyValue] as const),
  ),
  { requiredKeys: ['transaction_id'] },
);

/** JSON that jsonb cannot hold, and the like that it can. */
const unheld = [
  ...[
    '1e999999',
    ' -1E999999',
    '[1,\t1.5e999999]',
    '{"transaction_id":-1e999999}',
    '{"a": [1e1, 2E+3]}',
    '1e400000',
  ],
  ...[
    '"\\ud800"',
    '{"transaction_id": "\\udc00\\ud800"}',
    '{"transaction_id": "\\ud83d\\ude00"}',
    '{"a": "\\u0000"}',
  ],
  ...[`{"transaction_id": ${'9'.repeat(140_000)}}`, `{"transaction_id": 0.${'9'.repeat(17_000)}}`],
];

/** Lines without their ending, of every kind there is and of some that there are not. */
const anyLine: fc.Arbitrary<Buffer> = fc
  .oneof(
    { weight: 3, arbitrary: fc.string().map((id) => Buffer.from(line(id).trimEnd())) },
    fc.constantFrom('', ' ', '\t', '\r', ' \r\t', '{}', 'null', '[]').map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(text)),
    fc.constantFrom(...unheld).map((text) => Buffer.from(text)),
    { weight: 3, arbitrary: anyRecord.map((value) => Buffer.from(JSON.stringify(value))) },
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  )
  .map((bytes) => bytes.filter((byte) => byte !== 0x0a))
  .map((bytes) => Buffer.from(bytes));

test('whatever the lines are, each is in bronze, in quarantine or blank, and nothing is anywhere twice', async () => {
  let runs = 0;
  const property = fc.asyncProperty(
    fc.array(anyLine, { maxLength: 30 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
    fc.boolean(),
    async (lines, ending, ends, marked) => {
      const name = `any/${(runs += 1)}.jsonl`;
      const body = lines.flatMap((one, index) =>
        index < lines.length - 1 || ends ? [one, Buffer.from(ending)] : [one],
      );
      await landing.deliver(name, Buffer.concat([...(marked ? [bom] : []), ...body]));
      const counts = await landing.extract();
      const landed = (await landing.bronze(name)).map((row) => row.line);
      const { rows: rejected } = await sql<{ line: number }>`
      select position as line from control.quarantine where file = ${name}`.execute(landing.admin);
      const blank = lines.flatMap((one, index) =>
        /^[ \t\r]*$/.test(one.toString('latin1')) ? [index + 1] : [],
      );
      expect(counts).toEqual(did({ files: 1, rows: landed.length, rejected: rejected.length }));
      const all = [...landed, ...rejected.map((row) => row.line), ...blank].toSorted((a, b) => a - b);
      expect(all).toEqual(lines.map((_, index) => index + 1));
      expect(await landing.extract()).toEqual(did({}));
    },
  );
  await fc.assert(property, { numRuns: 60 });
});
