import type { ReaderHarness } from './harness.ts';
import { tableHands } from './tables.ts';

export const harness: ReaderHarness = {
  kind: 'arrivals',
  settings: [
    'connection: outside',
    'relation: outside.records',
    'key: [id]',
    'cursor: seq',
    'lookback: 1000',
  ],
  hands: tableHands,
};
