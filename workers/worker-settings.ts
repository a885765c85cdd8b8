import { QUEUES, type Queue } from '../workflows/queues.ts';
import { readQueues, SLOTS, type Slots } from './queues.ts';

/** What one worker process runs, and how it ends. */
export interface WorkerSettings {
  /** The queues it serves. */
  readonly queues: readonly Queue[];
  /** Activities at once, by queue. */
  readonly slots: Slots;
  /** How long activities may take to finish after SIGTERM, before they are cancelled and given to another worker. */
  readonly graceMs: number;
  /** Where it says how it is over HTTP; 0 picks a free port, null is not at all. */
  readonly healthPort: number | null;
  /** Where Prometheus reads `/metrics`; 0 picks a free port, null is not at all. */
  readonly metricsPort: number | null;
  /** Whether it sees to it that the monitor runs. */
  readonly monitor: boolean;
}

/** Everything, with the usual sizes. */
export const WORKER_DEFAULTS: WorkerSettings = {
  queues: QUEUES,
  slots: SLOTS,
  graceMs: 20_000,
  healthPort: null,
  metricsPort: null,
  monitor: true,
};

/**
 * Reads WEIR_QUEUES, WEIR_LOAD_SLOTS, WEIR_GATE_SLOTS, WEIR_PAGE_SLOTS, WEIR_SHUTDOWN_GRACE,
 * WEIR_HEALTH_PORT, WEIR_METRICS_PORT and WEIR_MONITOR.
 *
 * @throws Error naming the variable, what it is and what was expected.
 */
export function readWorkerSettings(env: NodeJS.ProcessEnv): WorkerSettings {
  const slots = {
    ...SLOTS,
    load: readSlots(env, 'WEIR_LOAD_SLOTS', SLOTS.load),
    gate: readSlots(env, 'WEIR_GATE_SLOTS', SLOTS.gate),
    page: readSlots(env, 'WEIR_PAGE_SLOTS', SLOTS.page),
  };
  return {
    queues: readQueues(env['WEIR_QUEUES']),
    slots,
    graceMs: readSeconds(env, 'WEIR_SHUTDOWN_GRACE', WORKER_DEFAULTS.graceMs),
    healthPort: readPort(env, 'WEIR_HEALTH_PORT'),
    metricsPort: readPort(env, 'WEIR_METRICS_PORT'),
    monitor: readSwitch(env, 'WEIR_MONITOR'),
  };
}

function readSlots(env: NodeJS.ProcessEnv, name: string, usual: number): number {
  return readNumber(env, name, usual, 'a number of activities at once, from 1 to 1000', (value) => {
    const slots = /^\d+$/.test(value) ? Number(value) : 0;
    return slots >= 1 && slots <= 1000 ? slots : null;
  });
}

function readSeconds(env: NodeJS.ProcessEnv, name: string, usualMs: number): number {
  return readNumber(env, name, usualMs, 'a number of seconds, like 20 or 20s, at most 3600', (value) => {
    const seconds = /^(\d+(?:\.\d+)?) ?s?$/.exec(value)?.[1];
    return seconds !== undefined && Number(seconds) <= 3600 ? Number(seconds) * 1000 : null;
  });
}

function readPort(env: NodeJS.ProcessEnv, name: string): number | null {
  const none = -1;
  const port = readNumber(env, name, none, 'a port from 1 to 65535, or 0 for a free one', (value) =>
    /^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : null,
  );
  return port === none ? null : port;
}

/** On, unless it says off. */
function readSwitch(env: NodeJS.ProcessEnv, name: string): boolean {
  const value = env[name]?.trim().toLowerCase() ?? '';
  if (['', 'on', 'off'].includes(value)) return value !== 'off';
  throw new Error(`${name} is ${JSON.stringify(value)}: give on or off.`);
}

/** @param read null for what cannot be used. */
function readNumber(
  env: NodeJS.ProcessEnv,
  name: string,
  usual: number,
  expected: string,
  read: (value: string) => number | null,
): number {
  const value = env[name]?.trim();
  if (value === undefined || value === '') return usual;
  const number = read(value);
  if (number === null) throw new Error(`${name} is ${JSON.stringify(value)}: give ${expected}.`);
  return number;
}
