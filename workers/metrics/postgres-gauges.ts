import type { RepositoryFolders } from '../../activities/repository.ts';
import { readGraph } from '../../activities/repository.ts';
import type { Database } from '../../activities/databases.ts';
import { schedulesOf } from '../schedules.ts';
import { dueSlots } from './due-slots.ts';
import { gaugeText } from './gauges.ts';
import { readPostgres } from './read-postgres.ts';

/** What there is of Postgres to scrape. */
export interface PostgresGauges {
  /** Prometheus' text; null where Postgres does not answer, or not in time. Never throws. */
  read(): Promise<string | null>;
}

export interface PostgresGaugesDeps {
  /** A pool of its own: a scrape waits for no load, and no load for a scrape. */
  readonly database: Database;
  readonly folders: Pick<RepositoryFolders, 'modelsFolder'>;
  /** Says once that it fails, and once that it does not any more. */
  readonly log: (level: 'WARN' | 'INFO', message: string, about: { readonly error?: string }) => void;
  readonly times?: GaugeTimes;
}

export interface GaugeTimes {
  /** For so long an answer serves every scrape: two Prometheus of a pair, and somebody who looks. */
  readonly keptMs: number;
  readonly answerMs: number;
}

/** Prometheus gives a scrape ten seconds: https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
const TIMES: GaugeTimes = { keptMs: 5_000, answerMs: 3_000 };

/** Reads gauges when somebody scrapes, at most once in `keptMs`, whoever asks. */
export function postgresGauges(deps: PostgresGaugesDeps): PostgresGauges {
  const { keptMs, answerMs } = deps.times ?? TIMES;
  let kept: { readonly at: number; readonly text: Promise<string | null> } | null = null;
  let failing: string | null = null;
  const ask = async (): Promise<string | null> => {
    try {
      const text = await withinTime(readNow(deps), answerMs);
      if (failing !== null) deps.log('INFO', 'metrics have what Postgres knows again', {});
      failing = null;
      return text;
    } catch (error) {
      const problem = problemOf(error);
      if (failing === null) deps.log('WARN', 'metrics lack what Postgres knows', { error: problem });
      failing = problem;
      return null;
    }
  };
  return {
    read: () => {
      if (kept === null || Date.now() - kept.at >= keptMs) kept = { at: Date.now(), text: ask() };
      return kept.text;
    },
  };
}

async function readNow({ database, folders }: PostgresGaugesDeps): Promise<string> {
  // Models that do not parse are the next run's business: what the database knows is told all the same.
  const graph = await readGraph(folders).catch(() => null);
  const readings = await readPostgres(database, graph);
  const due = graph === null ? [] : dueSlots(schedulesOf(graph.models), readings, new Date());
  return gaugeText([...readings, ...due]);
}

async function withinTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  // Nobody waits for it any more then.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Postgres' own message may carry values: its SQLSTATE says enough. */
function problemOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return `SQLSTATE ${code}`;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.message : 'unknown';
}
