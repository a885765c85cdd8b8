import type { ReaderHarness } from './harness.ts';
import { tableHands } from './tables.ts';

export const harness: ReaderHarness = {
  kind: 'state',
  settings: ['connection: outside', 'relation: outside.records', 'key: [id]', 'max_gone: 1'],
  hands: tableHands,
};
