import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutRecords } from '../../../../activities/extract/csv/cut-records.ts';
import type { CsvRecord } from '../../../../activities/extract/csv/cut-records.ts';

const cut = (text: string, delimiter = ','): readonly CsvRecord[] =>
  cutRecords(text, 1, delimiter, true).records;
/** Lines and fields; `bad` where a line is no record. */
const brief = (text: string): unknown =>
  cut(text).map(({ line, fields, problem }) => [line, problem === null ? fields : 'bad']);

test('records, as RFC 4180 has them', () => {
  expect(brief('a,b\r\n1,"x ""y"", z"\r\n"two\r\nlines",\r\n,""')).toEqual([
    [1, ['a', 'b']],
    [2, ['1', 'x "y", z']],
    [3, ['two\r\nlines', null]],
    [5, [null, '']],
  ]);
});

test('a record that is none is one line, and takes no good one with it', () => {
  const good = [2, 4, 5, 7, 8, 10];
  const text = [
    '4,st"ray',
    '1,2',
    '10,"open',
    '12,13',
    '15,"16"',
    '"q"x,2',
    '7,8',
    '9,"""",""',
    '3,"a" ',
    '1,"2"',
  ];
  const found = cut(text.join('\n'));
  expect(found.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(found.filter(({ problem }) => problem === null).map(({ line }) => line)).toEqual(good);
  expect(found[2]?.text).toBe('10,"open');
});

test('a quote that is never closed is one bad line', () => {
  expect(brief('1,"open\n2,3\n4,5')).toEqual([
    [1, 'bad'],
    [2, ['2', '3']],
    [3, ['4', '5']],
  ]);
});

test('blank lines are no records, and count; a lone carriage return is a character', () => {
  expect(brief('a\n\n\r\nb\rc\n')).toEqual([
    [1, ['a']],
    [4, ['b\rc']],
  ]);
});

test('whatever is written comes back, in pieces too', () => {
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom(null, '', '"', '""', ',', ';', '\n', '\r\n', 'a\nb', ' ', '"x"').map((one) => one),
  );
  const records = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 12 });
  fc.assert(
    fc.property(
      records,
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\n', '\r\n'),
      (rows, delimiter, ending) => {
        const write = (value: string | null): string =>
          value === null ? '' : `"${value.replaceAll('"', '""')}"`;
        const lines = rows.map((row) => row.map(write).join(delimiter) + ending);
        expect(cut(lines.join(''), delimiter).map(({ fields }) => fields)).toEqual(rows);

        const found: CsvRecord[] = [];
        let [rest, line] = ['', 1];
        for (const piece of lines.join('').split(/(?<=\n)/)) {
          const done = cutRecords(rest + piece, line, delimiter, false);
          found.push(...done.records);
          [rest, line] = [done.rest, done.line];
        }
        expect([...found, ...cutRecords(rest, line, delimiter, true).records]).toEqual(
          cut(lines.join(''), delimiter),
        );
      },
    ),
  );
});

test('any text is cut, each of its lines in one record or blank', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '"', ',', '\n', '\r\n', ' '), { maxLength: 40 }), (parts) => {
      const text = parts.join('');
      const lines = cut(text).flatMap(({ line, lines: many }) =>
        Array.from({ length: many }, (_, at) => line + at),
      );
      const all = text.split('\n').flatMap((one, at) => (/^\r?$/.test(one) ? [] : [at + 1]));
      expect(lines).toEqual([...new Set(lines)]);
      expect(lines).toEqual(expect.arrayContaining(all));
    }),
  );
});
