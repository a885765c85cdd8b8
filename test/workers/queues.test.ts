import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolSizes, SLOTS } from '../../workers/queues.ts';
import { readLogSettings } from '../../workers/log.ts';
import { readWorkerSettings, WORKER_DEFAULTS } from '../../workers/worker-settings.ts';
import { QUEUES, queueName } from '../../workflows/queues.ts';

describe('the pools of a worker process', () => {
  it('have a connection for whatever its slots can be at, as the guide says', () => {
    expect(poolSizes(QUEUES, SLOTS)).toEqual({ loader: 32, publisher: 10, validator: 12 });
    expect(poolSizes(['gate'], SLOTS)).toEqual({ loader: 4, publisher: 1, validator: 8 });
    expect(poolSizes(['page'], SLOTS)).toEqual({ loader: 8, publisher: 1, validator: 1 });
  });

  it('of processes that share the queues are together those of one that serves all', () => {
    const slots = fc.record({
      workflows: fc.integer({ min: 1, max: 50 }),
      load: fc.integer({ min: 1, max: 50 }),
      gate: fc.integer({ min: 1, max: 50 }),
      page: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(slots, fc.subarray([...QUEUES]), (sizes, some) => {
        const rest = QUEUES.filter((queue) => !some.includes(queue));
        const [all, one, other] = [QUEUES, some, rest].map((queues) => poolSizes(queues, sizes));
        for (const login of ['loader', 'publisher', 'validator'] as const) {
          const together = (one?.[login] ?? 0) + (other?.[login] ?? 0);
          expect(together).toBeGreaterThanOrEqual(all?.[login] ?? 0);
          // A pool that nobody needs has one connection all the same.
          expect(together).toBeLessThanOrEqual((all?.[login] ?? 0) + 1);
        }
      }),
    );
  });
});

describe('what a worker process reads of its environment', () => {
  it('is everything with the usual sizes when nothing is said', () => {
    expect(readWorkerSettings({})).toEqual(WORKER_DEFAULTS);
    expect(QUEUES.map((queue) => queueName('weir', queue))).toEqual([
      'weir',
      'weir-load',
      'weir-gate',
      'weir-page',
    ]);
  });

  it('is what is said', () => {
    expect(
      readWorkerSettings({
        WEIR_QUEUES: 'load, gate',
        WEIR_MONITOR: 'Off',
        WEIR_LOAD_SLOTS: '16',
        WEIR_SHUTDOWN_GRACE: '90s',
        WEIR_HEALTH_PORT: '8080',
      }),
    ).toEqual({
      queues: ['load', 'gate'],
      slots: { ...SLOTS, load: 16 },
      graceMs: 90_000,
      healthPort: 8080,
      metricsPort: null,
      monitor: false,
    });
    expect(readLogSettings({}, false)).toEqual({ format: 'json', level: 'INFO', file: null });
    expect(readLogSettings({ WEIR_LOG_LEVEL: 'debug', WEIR_LOG_FILE: 'x' }, true)).toEqual({
      format: 'text',
      level: 'DEBUG',
      file: 'x',
    });
  });

  it.each([
    [{ WEIR_QUEUES: 'loads' }, /WEIR_QUEUES names "loads", which is no queue: give some of workflows,load/],
    [{ WEIR_GATE_SLOTS: '0' }, /WEIR_GATE_SLOTS is "0": give a number of activities at once, from 1 to 1000/],
    [{ WEIR_SHUTDOWN_GRACE: 'long' }, /WEIR_SHUTDOWN_GRACE is "long": give a number of seconds/],
    [{ WEIR_MONITOR: 'no' }, /WEIR_MONITOR is "no": give on or off/],
    [{ WEIR_HEALTH_PORT: '99999' }, /WEIR_HEALTH_PORT is "99999": give a port/],
  ])('refuses %j with what was expected', (env, message) => {
    expect(() => readWorkerSettings(env)).toThrow(message);
  });

  it('refuses a log that is none', () => {
    expect(() => readLogSettings({ WEIR_LOG_FORMAT: 'xml' }, true)).toThrow(/give json or text/);
    expect(() => readLogSettings({ WEIR_LOG_LEVEL: 'loud' }, true)).toThrow(/give trace, debug, info/);
  });
});
