import type { ReaderHarness } from './harness.ts';
import { tableHands } from './tables.ts';

export const harness: ReaderHarness = {
  kind: 'state',
  settings: ['relation: outside.records', 'key: [id]'],
  hands: tableHands,
};
