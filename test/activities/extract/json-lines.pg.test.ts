import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { did, line, openLanding } from './landing.ts';
import type { Landing } from './landing.ts';

let landing: Landing;
beforeAll(async () => {
  landing = await openLanding();
});
afterAll(() => landing.close());

const notText = 'not UTF-8 text, or with a NUL byte';
const unheld = 'JSON that Postgres cannot hold: a \\u0000 or a number too large';
const tooDeep = 'nested too deep, or too large, for Postgres';
const brokenPack = 'not a gzip file that can be unpacked to its end';
const bom = Buffer.from([0xef, 0xbb, 0xbf]);

/** What quarantine has of a file, one text a row: `line: reason`. */
async function kept(file: string): Promise<readonly string[]> {
  const all = await landing.quarantine();
  return all.filter((row) => row.file === file).map((row) => `${row.line}: ${row.reason}`);
}

describe('a line that is no record is kept with file, line and reason', () => {
  const wrong = (column: string, value: string): string => `{"transaction_id": "T1", "${column}": ${value}}`;
  const cases: readonly (readonly [text: string, reason: string])[] = [
    ['{"transaction_id": "secret"', 'not valid JSON'],
    ['secret', 'not valid JSON'],
    ["{'transaction_id': 'secret'}", 'not valid JSON'],
    ['{"transaction_id": "T1"} {"transaction_id": "T2"}', 'not valid JSON'],
    ['\v', 'not valid JSON'],
    ['{"transaction_id": "secret\\u0000"}', unheld],
    ['{"transaction_id": "T1", "total_amount": 1e999999}', unheld],
    ['["secret"]', 'not an object'],
    ['"secret"', 'not an object'],
    ['null', 'not an object'],
    ['{}', 'lacks transaction_id'],
    ['{"Transaction_id": "secret"}', 'lacks transaction_id'],
    [wrong('store_id', '{"secret": 1}'), 'store_id is not text'],
    [wrong('total_amount', '"secret"'), 'total_amount is not numeric(12,2)'],
    [wrong('total_amount', '12345678901'), 'total_amount is not numeric(12,2)'],
    [wrong('total_amount', '[1]'), 'total_amount is not numeric(12,2)'],
    [wrong('transaction_timestamp', '"2017-02-30T10:00:00Z"'), 'transaction_timestamp is not timestamp'],
    [wrong('transaction_timestamp', '"now"'), 'transaction_timestamp is not timestamp'],
    [wrong('transaction_timestamp', '"infinity"'), 'transaction_timestamp is not timestamp'],
    [wrong('anomaly_detected', '"secret"'), 'anomaly_detected is not boolean'],
    [wrong('anomaly_reasons', '"secret"'), 'anomaly_reasons is not text[]'],
    [wrong('anomaly_reasons', '[["secret"]]'), 'anomaly_reasons is not text[]'],
    [wrong('kafka_offset', '1.5'), 'kafka_offset is not bigint'],
    [wrong('kafka_partition', '9999999999'), 'kafka_partition is not integer'],
    [`{"transaction_id": ${'['.repeat(50_000)}`, tooDeep],
    [wrong('items', `${'['.repeat(50_000)}${']'.repeat(50_000)}`), tooDeep],
  ];

  test('and the lines beside it land', async () => {
    const text = cases.map(([one], index) => `${one}\n${line(`T${index}`)}`).join('');
    await landing.deliver('2017-01-02/wrong.jsonl', text);
    expect(await landing.extract()).toEqual(did({ files: 1, rows: cases.length, rejected: cases.length }));
    const file = '2017-01-02/wrong.jsonl';
    expect((await landing.quarantine()).filter((row) => row.file === file)).toEqual(
      cases.map(([record, reason], index) => ({ file, revision: 1, line: 2 * index + 1, reason, record })),
    );
    expect(await landing.seen(file)).toEqual(
      cases.map((_, index) => ({ id: `T${index}`, revision: 1, line: 2 * index + 2 })),
    );
  });

  test('byte by byte where it is no text', async () => {
    const latin1 = Buffer.from('{"transaction_id": "Zoë"}', 'latin1');
    const withNul = Buffer.from('{"transaction_id": "T\0"}');
    const parts = [line('T1'), latin1, '\r\n', line('T2'), withNul, '\n', line('T3'), latin1];
    await landing.deliver('bytes.jsonl', Buffer.concat(parts.map((one) => Buffer.from(one))));
    expect(await landing.extract()).toEqual(did({ files: 1, rows: 3, rejected: 3 }));
    expect(await kept('bytes.jsonl')).toEqual([`2: ${notText}`, `4: ${notText}`, `6: ${notText}`]);
    const records = (await landing.quarantine()).filter((row) => row.file === 'bytes.jsonl');
    expect(records.map(({ record }) => record)).toEqual([
      `${latin1.toString('hex')}0d`,
      withNul.toString('hex'),
      latin1.toString('hex'),
    ]);
    expect((await landing.seen('bytes.jsonl')).map((row) => row.line)).toEqual([1, 3, 5]);
  });
});

describe('a record', () => {
  test('may lack everything but what makes it one, and says null as it likes', async () => {
    await landing.deliver(
      'bare.jsonl',
      '{"transaction_id": null, "items": null, "anomaly_reasons": null}\n{"transaction_id": 7, "more": 1}',
    );
    expect(await landing.extract()).toEqual(did({ files: 1, rows: 2 }));
    const { rows: found } = await sql`select transaction_id, items is null and anomaly_reasons is null as none
      from bronze.raw_transactions where _source = 'bare.jsonl' order by _position`.execute(landing.admin);
    expect(found).toEqual([
      { transaction_id: null, none: true },
      { transaction_id: '7', none: true },
    ]);
  });

  test('lands with its values; a time is UTC whatever zone it was said in', async () => {
    const times = ['2017-01-02T01:30:00+02:00', '2017-01-02T08:15:00Z', '2017-01-02 08:15:00.5'];
    const more = {
      anomaly_reasons: ['b', null, 'a'],
      anomaly_detected: true,
      kafka_offset: 9007199254740991,
    };
    await landing.deliver(
      'times.jsonl',
      times.map((at) => line('T1', { ...more, transaction_timestamp: at })).join(''),
    );
    await landing.extract();
    const { rows: found } = await sql`
      select transaction_timestamp::text as at, anomaly_reasons, anomaly_detected, kafka_offset, total_amount::text as amount
      from bronze.raw_transactions where _source = 'times.jsonl' order by _position`.execute(landing.admin);
    expect(found).toEqual(
      ['2017-01-01 23:30:00', '2017-01-02 08:15:00', '2017-01-02 08:15:00.5'].map((at) => ({
        at,
        ...more,
        amount: '1.00',
      })),
    );
  });

  test('has a hash of its line, the same wherever it is delivered', async () => {
    await landing.deliver('hash-a.jsonl', line('same'));
    await landing.deliver('hash-b.jsonl', `${line('other')}${line('same').trimEnd()}\r\n`);
    await landing.extract();
    const { rows: found } =
      await sql`select count(distinct _record_hash)::int as hashes, count(*)::int as records
      from bronze.raw_transactions where _source ~ '^hash' and transaction_id = 'same'`.execute(
        landing.admin,
      );
    expect(found).toEqual([{ hashes: 1, records: 2 }]);
  });
});

describe('a file', () => {
  test.each<[what: string, name: string, content: string | Uint8Array, ids: string[], lines: number[]]>([
    ['of CRLF lines', 'crlf.jsonl', `${line('A')}${line('B')}`.replaceAll('\n', '\r\n'), ['A', 'B'], [1, 2]],
    ['with a byte order mark', 'bom.jsonl', Buffer.concat([bom, Buffer.from(line('A'))]), ['A'], [1]],
    [
      'whose last line has no newline',
      'last.jsonl',
      `${line('A')}${line('B').trimEnd()}`,
      ['A', 'B'],
      [1, 2],
    ],
    [
      'with blank lines, which count',
      'blank.jsonl',
      `\n${line('A')}\r\n \t\n\n${line('B')}\n\n`,
      ['A', 'B'],
      [2, 6],
    ],
    ['of blank lines only', 'none.jsonl', '\n\r\n  ', [], []],
    ['of nothing', 'empty.jsonl', '', [], []],
    ['of a byte order mark only', 'bare-mark.jsonl', bom, [], []],
    ['that is packed', 'packed.jsonl.gz', gzipSync(`${line('A')}${line('B')}`), ['A', 'B'], [1, 2]],
    [
      'packed in two pieces',
      'pieces.jsonl.gz',
      Buffer.concat([gzipSync(line('A')), gzipSync(line('B'))]),
      ['A', 'B'],
      [1, 2],
    ],
    ['in folders of folders', 'b/a/c.jsonl', line('A'), ['A'], [1]],
    ['with a name that has quotes', `it's "one".jsonl`, line('A'), ['A'], [1]],
  ])('%s', async (_what, name, content, ids, lines) => {
    await landing.deliver(name, content);
    expect(await landing.extract()).toEqual(did({ files: 1, rows: ids.length }));
    expect(await landing.seen(name)).toEqual(
      ids.map((id, index) => ({ id, revision: 1, line: lines[index] })),
    );
    expect(await landing.extract()).toEqual(did({}));
  });

  test.each<[what: string, name: string, content: Uint8Array]>([
    ['cut off', 'cut.jsonl.gz', gzipSync(`${line('A')}${'x'.repeat(9999)}`).subarray(0, -12)],
    ['packed by nobody', 'plain.jsonl.gz', Buffer.from(line('A'))],
    [
      'with a bit turned',
      'bit.jsonl.gz',
      gzipSync(line('A')).map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
    ],
    ['empty', 'empty.jsonl.gz', new Uint8Array()],
  ])('that is %s is kept in quarantine whole, once', async (_what, name, content) => {
    await landing.deliver(name, content);
    expect(await landing.extract()).toEqual(did({ files: 1, rejected: 1 }));
    expect(await kept(name)).toEqual([`0: ${brokenPack}`]);
    expect(await landing.bronze(name)).toEqual([]);
    await landing.deliver(name, content, 1);
    expect(await landing.extract()).toEqual(did({}));
  });

  test.each(['.hidden.jsonl', 'being-written.jsonl.tmp', '.folder/a.jsonl'])(
    'named %s is left alone',
    async (name) => {
      await landing.deliver(name, line('A'));
      expect(await landing.extract()).toEqual(did({}));
    },
  );

  test('larger than what is read at once loses no line and counts none twice', async () => {
    const long = line('LONG', { terminal_id: 'x'.repeat(2_500_000) });
    const many = Array.from({ length: 20_000 }, (_, index) =>
      line(`T${index}`, { terminal_id: 'é'.repeat(40) }),
    );
    const content = Buffer.concat(
      [...many, '\xff', '\n', long, ...many].map((one) =>
        Buffer.from(one, one === '\xff' ? 'latin1' : 'utf8'),
      ),
    );
    await landing.deliver('large.jsonl', content);
    expect(await landing.extract()).toEqual(did({ files: 1, rows: 40_001, rejected: 1 }));
    expect(await kept('large.jsonl')).toEqual([`20001: ${notText}`]);
    const found = await landing.seen('large.jsonl');
    expect(new Set(found.map((row) => row.line)).size).toBe(40_001);
    expect([found[20_000], found.at(-1)]).toEqual([
      { id: 'LONG', revision: 1, line: 20_002 },
      { id: 'T19999', revision: 1, line: 40_002 },
    ]);
  });
});
