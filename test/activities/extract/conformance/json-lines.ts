import { fileHands } from './files.ts';
import type { ReaderHarness, SourceRecord } from './harness.ts';

export const harness: ReaderHarness = {
  kind: 'revisions',
  settings: ['folder: source', 'record: [id]'],
  hands: async (place) => fileHands(place, 'jsonl', (records) => records.map(line).join('')),
};

/** Numbers and JSON as they are written, and not as JavaScript would. */
function line(record: SourceRecord): string {
  const fields = Object.entries(record).map(([name, value]) => {
    const bare = name === 'more' || name === 'amount' || name === 'big';
    return `${JSON.stringify(name)}: ${bare && value !== null ? String(value) : JSON.stringify(value)}`;
  });
  return `{${fields.join(', ')}}\n`;
}
