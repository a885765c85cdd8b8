import { fileHands } from './files.ts';
import type { ReaderHarness, SourceRecord } from './harness.ts';

const names = ['seq', 'id', 'name', 'amount', 'big', 'at', 'born', 'more'] as const;

export const harness: ReaderHarness = {
  kind: 'revisions',
  settings: ['folder: source'],
  hands: async (place) =>
    fileHands(place, 'csv', (records) =>
      [names.join(','), ...records.map(row)].map((one) => `${one}\r\n`).join(''),
    ),
};

function row(record: SourceRecord): string {
  return names.map((name) => field(record[name])).join(',');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  const text = String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
