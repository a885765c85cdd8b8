import { expect, test } from 'vitest';
import { readFigure } from '../../../bench/steps/peer.ts';

test('a figure is a line of JSON', () => {
  expect(readFigure('{"figure": "tenSteps", "value": 13.3}')).toEqual({ figure: 'tenSteps', value: 13.3 });
});

test.each([
  'Starting up',
  '{"figure": "other", "value": 1}',
  '{"figure": "idle"}',
  '{"figure": "idle", "value": "1"}',
  '{"figure": "idle", "value": 0}',
  '[]',
])('what else a tool says is none: %s', (line) => {
  expect(readFigure(line)).toBeNull();
});
