import type { RepositoryFolders } from '../../activities/repository.ts';
import { readGraph } from '../../activities/repository.ts';
import type { Database } from '../../activities/databases.ts';
import { schedulesOf } from '../schedules.ts';
import { dueSlots } from './due-slots.ts';
import { gaugeText } from './gauges.ts';
import { readPostgres } from './read-postgres.ts';

/** What there is of Postgres to scrape. */
export interface PostgresGauges {
  /** Never throws. */
  read(): Promise<PostgresRead>;
}

/** What came of asking Postgres. */
export interface PostgresRead {
  /** False: it did not answer, or not in time. What it refuses it has answered. */
  readonly isUp: boolean;
  /** Prometheus' text; null where there is none. */
  readonly text: string | null;
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
  let kept: { readonly at: number; readonly read: Promise<PostgresRead> } | null = null;
  let failing: string | null = null;
  const ask = async (): Promise<PostgresRead> => {
    try {
      const text = await withinTime(readNow(deps), answerMs);
      if (failing !== null) deps.log('INFO', 'metrics have what Postgres knows again', {});
      failing = null;
      return { isUp: true, text };
    } catch (error) {
      const { problem, isAnswer } = problemOf(error);
      if (failing === null) deps.log('WARN', 'metrics lack what Postgres knows', { error: problem });
      failing = problem;
      return { isUp: isAnswer, text: null };
    }
  };
  return {
    read: () => {
      if (kept === null || Date.now() - kept.at >= keptMs) kept = { at: Date.now(), read: ask() };
      return kept.read;
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

/**
 * Connections that are refused or broken off: starting up, shutting down, too many of them.
 *
 * @see https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const AWAY = /^(08|57P|53300)/;

/** Postgres' own message may carry values: its SQLSTATE says enough. */
function problemOf(error: unknown): { readonly problem: string; readonly isAnswer: boolean } {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code))
    return { problem: `SQLSTATE ${code}`, isAnswer: !AWAY.test(code) };
  if (typeof code === 'string') return { problem: code, isAnswer: false };
  return { problem: error instanceof Error ? error.message : 'unknown', isAnswer: false };
}
