import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactJson, redactText } from '../../expectations/redact.ts';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`), { maxLength: length });

/** Digits with the check digit that makes them fit. */
function withCheckDigit(body: string): string {
  const sum = body
    .split('')
    .toReversed()
    .reduce((all, digit, index) => {
      const doubled = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
      return all + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
  return body + String((10 - (sum % 10)) % 10);
}

const PREFIXES = [
  ['4', 16],
  ['4', 13],
  ['4', 19],
  ['51', 16],
  ['2221', 16],
  ['2720', 16],
  ['34', 15],
  ['37', 15],
  ['36', 14],
  ['6011', 16],
  ['65', 16],
  ['62', 19],
  ['3528', 16],
  ['50', 16],
  ['6759', 13],
] as const;

const card = fc
  .constantFrom(...PREFIXES)
  .chain(([prefix, length]) =>
    digits(length - 1 - prefix.length).map((rest) => withCheckDigit(prefix + rest)),
  );

const written = card.chain((number) =>
  fc
    .record({
      size: fc.constantFrom(19, 4, 5, 6),
      between: fc.constantFrom(' ', '-', '.', '\u00a0', '\u2011', ' - '),
    })
    .map(({ size, between }) => (number.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(between)),
);

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
const email = fc
  .record({
    local: fc.array(fc.oneof(word, fc.constantFrom('josé', '李', "o'brien", 'x_y', 'a%b')), {
      minLength: 1,
      maxLength: 3,
    }),
    joint: fc.constantFrom('.', '+', '-', '_'),
    host: fc.array(word, { minLength: 1, maxLength: 3 }),
    top: fc.constantFrom('com', 'co', 'museum', 'xn--p1ai', '中国'),
  })
  .map(({ local, joint, host, top }) => `${local.join(joint)}@${host.join('.')}.${top}`);

const nonZero = (length: number) => digits(length).map((all) => `${2 + (Number(all[0]) % 8)}${all.slice(1)}`);

const phone = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('1', '33', '44', '49', '351', '420'),
      nonZero(3),
      digits(3),
      digits(4),
      fc.constantFrom(' ', '-', '.', '/', ''),
    )
    .map(([country, ...parts]) => {
      const [area, first, last, between] = parts;
      return `+${[country, area, first, last].join(between)}`;
    }),
  fc
    .tuple(
      nonZero(3),
      nonZero(3),
      digits(4),
      fc.constantFrom('A B C', '(A) B-C', '(A)B-C', 'A-B-C', 'A.B.C', '1-A-B-C', '1 (A) B-C', '+1 (A) B-C'),
    )
    .map(([a, b, c, shape]) => shape.replace('A', a).replace('B', b).replace('C', c)),
  fc
    .tuple(
      nonZero(2),
      nonZero(3),
      digits(4),
      fc.constantFrom('0A BC', '0A/BC', '0A-BC', '0A B C', '(0A) BC', '+49 (0)A BC', '0049 A BC', '00A BC1'),
    )
    .map(([a, b, c, shape]) => shape.replace('A', a).replace('B', b).replace('C', c)),
  fc
    .tuple(digits(2), digits(2), digits(2), digits(2), fc.constantFrom(' ', '.', '-'))
    .map(([a, b, c, d, between]) => ['01', a, b, c, d].join(between)),
  fc
    .tuple(
      fc.constantFrom(
        'tel: ',
        'Phone=',
        'mobile "',
        'cell#',
        'phone_number=',
        '"phoneNumber":"',
        'mobile no ',
        'telephone_number: ',
      ),
      nonZero(10),
    )
    .map(([before, number]) => before + number),
);

/** Words, marks and letters of any script; no digit and nothing that would make one thing of what stands beside it. */
const around = fc.stringMatching(/^[ g-zäöüß,;!?<>{}[\]|"'\n€日本]{0,30}$/u);

/** What no eye sees, between any two characters. */
const sprinkled = (text: fc.Arbitrary<string>) =>
  fc
    .tuple(text, fc.constantFrom('', '\u200b', '\u00ad', '\u2060\ufeff'))
    .map(([whole, unseen]) => whole.split('').join(unseen));

/** Digits as other people write them. */
const SCRIPTS = ['0', '\u0660', '\u0966', '\uff10', '\u{1d7d8}'] as const;
function inScript(text: string, zero: string): string {
  return text.replaceAll(/\d/g, (digit) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)));
}

describe('what is somebody’s is gone', () => {
  test('cards, however they are written, whatever stands around them', () => {
    fc.assert(
      fc.property(
        around,
        sprinkled(written),
        around,
        fc.constantFrom(...SCRIPTS),
        (before, number, after, zero) => {
          const text = redactText(`${before} ${inScript(number, zero)} ${after}`);
          expect(text).toBe(`${before} [card] ${after}`);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a card beside letters, marks and other numbers', () => {
    fc.assert(
      fc.property(
        card,
        fc.constantFrom('x_', 'pan=', '"', '12 ', '2026-11-22 ', 'z', '(', '/', '#'),
        (number, before) => {
          expect(redactText(`${before}${number}, 12/28`)).toBe(`${before}[card], 12/28`);
        },
      ),
    );
  });

  test('e-mail addresses', () => {
    fc.assert(
      fc.property(
        around,
        sprinkled(email),
        fc.constantFrom('', '.', '>', ',', ' or', '"}', '/x'),
        (before, address, after) => {
          expect(redactText(`${before} <${address}${after}`)).toBe(`${before} <[e-mail]${after}`);
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        expect(redactText(`to ${address}`)).not.toContain(address.slice(address.indexOf('@')));
      }),
    );
  });

  test('phone numbers', () => {
    fc.assert(
      fc.property(around, sprinkled(phone), around, (before, number, after) => {
        const text = redactText(`${before}, ${number}, ${after}`);
        expect(text).toContain('[phone]');
        expect(text).not.toMatch(/\d/);
      }),
      { numRuns: 800 },
    );
  });

  test('in what URLs and JSON escape', () => {
    expect(redactText('?to=jo%40example.com&tel=%2B49%20171%201234567')).toBe('?to=[e-mail]&tel=[phone]');
    expect(redactText(String.raw`{"pan": "4111\u00a01111\u00a01111\u00a01111"}`)).toBe('{"pan": "[card]"}');
    expect(redactText('"Jo Doe"@example.com')).toBe('[e-mail]');
  });

  test('within values, names of fields and numbers', () => {
    const given = {
      'jo@example.com': ['+49 171 1234567', { max: 4_111_111_111_111_111, rows: 12, none: null }],
    };
    expect(redactJson(given)).toEqual({ '[e-mail]': ['[phone]', { max: '[card]', rows: 12, none: null }] });
  });
});

const instant = fc.date({ min: new Date('1970-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });

/** What Weir, Postgres and Temporal write. */
const KEPT: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'a UUID': fc.uuid(),
  'a hash': fc
    .constantFrom(32, 40, 64)
    .chain((length) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))),
  'an id of the database': fc.bigInt({ min: 0n, max: 999_999_999_999n }).map(String),
  'a system identifier': fc
    .bigInt({ min: 7_000_000_000_000_000_000n, max: 7_999_999_999_999_999_999n })
    .map(String),
  'a snapshot': fc
    .tuple(fc.nat(2 ** 31), fc.nat(10_000), fc.array(fc.nat(2 ** 31)))
    .map(([xmin, more, list]) => `${xmin}:${xmin + more}:${list.join(',')}`),
  'an instant': instant.map((at) => at.toISOString()),
  'an instant of Postgres': instant.map((at) => `${at.toISOString().slice(0, 23).replace('T', ' ')}+00`),
  'a minute': instant.map((at) => `${at.toISOString().slice(0, 16)}Z`),
  'an interval': fc
    .tuple(instant, instant)
    .map(([from, to]) => `[${from.toISOString()}, ${to.toISOString()})`),
  'days in a row': fc.array(instant.map((at) => at.toISOString().slice(0, 10))).map((days) => days.join(' ')),
  'epoch milliseconds': instant.map((at) => String(at.getTime())),
  'a count': fc
    .nat()
    .map((count) => `${count.toLocaleString('en-US')} of ${(count * 3).toLocaleString('en-US')} rows`),
  'a size': fc.nat().map((bytes) => `${bytes} bytes (${(bytes / 1024).toFixed(1)} kB)`),
  'a share': fc.double({ min: 0, max: 1_000, noNaN: true }).map(String),
  'a duration': fc
    .tuple(fc.nat(59), fc.nat(59), fc.nat(999))
    .map(([m, s, ms]) => `PT${m}M${s}.${ms}S 00:${m}:${s}`),
  'a version': fc
    .tuple(fc.nat(99), fc.nat(999), fc.nat(9999))
    .map(([a, b, c]) => `node v${a}.${b}.${c}, kysely@${a}.${b}.${c}`),
  'an SQLSTATE': fc.stringMatching(/^[0-9A-Z]{5}$/).map((code) => `SQLSTATE ${code}, constraint key_1`),
  'an LSN': fc.nat(2 ** 31 - 1).map((place) => `16/${place.toString(16).toUpperCase()}`),
  'an address': fc.tuple(fc.ipV4(), fc.nat(65_535)).map(([ip, port]) => `${ip}:${port}`),
  'a dedup key': fc
    .tuple(word, word)
    .map(([one, other]) => `weir/production/fct_${one}/${other}.hourly/freshness`),
  'a run': fc
    .tuple(instant, fc.uuid())
    .map(
      ([at, id]) =>
        `http://localhost:8233/namespaces/default/workflows/hourly-incremental-load-${at.toISOString().slice(0, 19)}Z/${id}/history`,
    ),
  'an escaped run': fc
    .tuple(instant, fc.uuid())
    .map(
      ([at, id]) =>
        `/workflows/${encodeURIComponent(`hourly-${at.toISOString().slice(0, 19)}Z`)}/${id}/history#30`,
    ),
  'a path': fc
    .tuple(word, instant, fc.nat(10_000))
    .map(
      ([name, at, line]) =>
        `/srv/landing/${name}-${at.toISOString().slice(0, 13).replace('T', '-')}.jsonl:${line}, expectations/suites/${name}.json`,
    ),
  'a run by hand, in whose id chance put digits alone': fc
    .tuple(digits(8), fc.nat(999))
    .map(
      ([id, rows]) => `hourly-incremental-load-by-hand-${id} (${rows} rows), backfill-minute-${id} ${rows}`,
    ),
  'a file, as it is told': fc
    .tuple(digits(8), fc.nat(999))
    .map(([hash, rows]) => `transactions-….jsonl (file ${hash}) ${rows} rows`),
  'an hour': fc
    .tuple(instant, fc.nat())
    .map(([at, rows]) => `hourly-${at.toISOString().slice(0, 13)} (${rows} rows)`),
  'a decision': fc
    .uuid()
    .map((verdictId) => JSON.stringify({ verdictId, reason: 'WHY THESE ROWS MAY PASS', by: 'YOUR NAME' })),
};

describe('what is nobody’s stays', () => {
  test.each(Object.entries(KEPT))('%s', (_name, kept) => {
    fc.assert(
      fc.property(around, kept, around, (before, text, after) => {
        expect(redactText(`${before} ${text} ${after}`)).toBe(`${before} ${text} ${after}`);
      }),
      { numRuns: 200 },
    );
  });

  test('numbers and what is no JSON, in JSON', () => {
    const given = { at: new Date(0), loadId: 1_234_567_890, share: 0.444_444_444_444_444_8, big: 12n };
    expect(redactJson(given)).toEqual(given);
  });

  test('a card right behind a phone number goes too', () => {
    expect(redactText('01 00 00 00 59 4213272294055371')).toBe('[phone] [card]');
  });

  test('twice is once', () => {
    const any = fc.array(fc.oneof(written, email, phone, fc.string(), ...Object.values(KEPT)));
    fc.assert(
      fc.property(any, (parts) => {
        const once = redactText(parts.join(' '));
        expect(redactText(once)).toBe(once);
      }),
    );
  });
});
