import { describe, expect, test } from 'vitest';
import {
  isRebuild,
  parseSnapshot,
  readWindow,
  replayedLoad,
  windowDeltas,
  windowSettings,
} from '../../models/window.ts';
import type { Window } from '../../models/window.ts';

describe('a snapshot', () => {
  test('is taken apart', () => {
    expect(parseSnapshot('10:20:10,14')).toEqual({ xmin: '10', xmax: '20', xip: ['10', '14'] });
    expect(parseSnapshot('20:20:')).toEqual({ xmin: '20', xmax: '20', xip: [] });
  });

  test('keeps ids beyond what a number holds', () => {
    expect(parseSnapshot('9007199254740993:9007199254740995:').xmax).toBe('9007199254740995');
  });

  test.each(['', '10:20', '10:20:,', 'a:b:', '10:20:10;drop'])('is refused when it is none: %j', (text) => {
    expect(() => parseSnapshot(text)).toThrow(/Not a pg_snapshot/);
  });
});

describe('the settings of a window', () => {
  test('by arrival bound both ends', () => {
    const window: Window = {
      kind: 'arrival',
      deltas: { raw_transactions: { from: '10:20:10,14', to: '30:31:30' } },
    };
    expect(Object.fromEntries(windowSettings(window))).toEqual({
      'weir.raw_transactions.mode': 'arrival',
      'weir.raw_transactions.from_xmax': '20',
      'weir.raw_transactions.from_xip': '{10,14}',
      'weir.raw_transactions.to_xmax': '31',
      'weir.raw_transactions.to_xip': '{30}',
      'weir.raw_transactions.start': '',
      'weir.raw_transactions.end': '',
    });
  });

  test('without a watermark begin before the first transaction', () => {
    const settings = Object.fromEntries(
      windowSettings({ kind: 'arrival', deltas: { a: { from: null, to: '3:3:' } } }),
    );
    expect([settings['weir.a.from_xmax'], settings['weir.a.from_xip']]).toEqual(['0', '{}']);
  });

  test('by event time name the interval and what the load saw of it', () => {
    const window: Window = {
      kind: 'interval',
      start: '2017-01-01T00:00:00Z',
      end: '2017-01-02T00:00:00Z',
      to: '10:20:10,14',
      deltas: ['a'],
    };
    const settings = Object.fromEntries(windowSettings(window));
    expect(settings['weir.a.mode']).toBe('interval');
    expect(settings['weir.a.start']).toBe('2017-01-01T00:00:00Z');
    expect([settings['weir.a.from_xmax'], settings['weir.a.to_xmax'], settings['weir.a.to_xip']]).toEqual([
      '',
      '20',
      '{10,14}',
    ]);
  });

  test('of a full refresh are none', () => {
    expect(windowSettings({ kind: 'whole' })).toEqual([]);
  });
});

describe('a window in the ledger', () => {
  const windows: readonly Window[] = [
    { kind: 'whole' },
    { kind: 'arrival', deltas: { a: { from: null, to: '3:3:' }, b: { from: '1:2:', to: '3:3:' } } },
    {
      kind: 'interval',
      start: '2017-01-01T00:00:00Z',
      end: '2017-01-02T00:00:00Z',
      to: '3:3:',
      deltas: ['a', 'b'],
    },
  ];

  test.each(windows)('is read as it was written: $kind', (window) => {
    expect(readWindow(JSON.parse(JSON.stringify(window)))).toEqual(window);
  });

  test.each([
    null,
    {},
    { kind: 'arrival' },
    { kind: 'arrival', deltas: { a: { from: 3, to: '1:1:' } } },
    { kind: 'tomorrow' },
  ])('is refused in another shape: %j', (value) => {
    expect(() => readWindow(value)).toThrow(/not a window/);
  });

  test('names its deltas', () => {
    expect(windows.map(windowDeltas)).toEqual([[], ['a', 'b'], ['a', 'b']]);
  });
});

describe('a window as the ledger keeps it', () => {
  const bounds = { from: null, to: '10:20:' };
  test.each<Window>([
    {
      kind: 'arrival',
      rebuild: true,
      deltas: { a: { ...bounds, noted: '3:4:' }, b: { ...bounds, noted: null } },
    },
    { kind: 'arrival', replayOf: 7, deltas: { a: { from: '3:4:', to: '10:20:' } } },
    { kind: 'interval', replayOf: 7, start: 'x', end: 'y', to: '10:20:', deltas: ['a'] },
    // What earlier versions wrote.
    { kind: 'arrival', deltas: { a: bounds } },
  ])('comes back as it was: %j', (window) => {
    const kept: unknown = JSON.parse(JSON.stringify(window));
    expect(readWindow(kept)).toEqual(window);
    expect(isRebuild(readWindow(kept))).toBe('rebuild' in window);
    expect(replayedLoad(readWindow(kept))).toBe('replayOf' in window ? 7 : null);
  });
});
