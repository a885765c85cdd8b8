import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import { boundedLabel } from './bounded-label.ts';

/** What a worker process counts of its own work, from its start on. */
export interface Counters {
  /** Everything counted, and what Node says of the process. */
  readonly registry: Registry;
  /** An attempt of an activity has ended. @param failure the type of its failure; null where it did what it was to do. */
  ended(of: Counted, seconds: number, failure: string | null): void;
  rows(of: Counted, kind: RowKind, rows: number): void;
  verdict(
    of: { readonly model: unknown; readonly gate: unknown; readonly suite: unknown },
    outcome: unknown,
  ): void;
  /** A load has come to its end, or has to be staged again. */
  load(of: Counted, state: unknown): void;
  /** A receiver was asked to take an event. */
  delivery(receiver: string, action: string, outcome: DeliveryOutcome): void;
  /** A scrape had to do without what Postgres knows. */
  databaseReadFailed(): void;
}

/** What an activity was about; of one that is about no model `none`. */
export interface Counted {
  readonly station: unknown;
  readonly model: unknown;
}

/** What became of rows. */
export type RowKind =
  | 'landed'
  | 'rejected'
  | 'read'
  | 'staged'
  | 'superseded'
  | 'left_out'
  | 'inserted'
  | 'updated'
  | 'unchanged'
  | 'deleted'
  | 'quarantined';

/** `failed` is tried again, `refused` is not. */
export type DeliveryOutcome = 'sent' | 'failed' | 'refused';

/** Seconds: from an empty window's milliseconds to the two hours that a station may take (workflows/stations.ts). */
const BUCKETS = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 1800, 7200];

/**
 * Distinct values of a label at most. A repository has hundreds of models at the most; the time series are models ×
 * stations × buckets.
 */
const MOST = { models: 1_000, suites: 1_000, stations: 50, types: 50, receivers: 50 } as const;

/** Gauges that prom-client names as if they were counters, which `promtool check metrics` refuses; each has a part a kind. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * Names and units as Prometheus asks for: `weir_`, base units, `_total` for what only grows. A worker that starts again
 * starts at 0, as `rate()` and `increase()` expect.
 *
 * @see https://prometheus.io/docs/practices/naming/
 */
export function createCounters(): Counters {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const label = {
    station: boundedLabel(MOST.stations),
    model: boundedLabel(MOST.models),
    suite: boundedLabel(MOST.suites),
    type: boundedLabel(MOST.types),
    receiver: boundedLabel(MOST.receivers),
    // Their values are Weir's own few words.
    word: boundedLabel(MOST.types),
  };
  const { durations, failures, rows, verdicts, loads, deliveries, reads } = metricsOf(registry);
  const about = ({ station, model }: Counted): { readonly station: string; readonly model: string } => ({
    station: label.station(station),
    model: label.model(model ?? 'none'),
  });
  return {
    registry,
    ended: (of, seconds, failure) => {
      if (failure === null) durations.observe(about(of), seconds);
      else failures.inc({ ...about(of), type: label.type(failure) });
    },
    rows: (of, kind, count) => rows.inc({ ...about(of), kind }, count),
    verdict: ({ model, gate, suite }, outcome) =>
      verdicts.inc({
        model: label.model(model),
        gate: label.word(gate),
        suite: label.suite(suite),
        outcome: label.word(outcome),
      }),
    load: ({ model }, state) => loads.inc({ model: label.model(model), state: label.word(state) }),
    delivery: (receiver, action, outcome) =>
      deliveries.inc({ receiver: label.receiver(receiver), action: label.word(action), outcome }),
    databaseReadFailed: () => reads.inc(),
  };
}

function metricsOf(registry: Registry) {
  const counter = <Label extends string>(name: string, help: string, labels: readonly Label[]) =>
    new Counter({ name, help, labelNames: [...labels], registers: [registry] });
  return {
    durations: new Histogram({
      name: 'weir_station_duration_seconds',
      help: 'How long stations took that did what they were to do, an attempt each.',
      labelNames: ['station', 'model'] as const,
      buckets: BUCKETS,
      registers: [registry],
    }),
    failures: counter(
      'weir_station_failures_total',
      'Attempts of stations that failed, by the type of the failure. Most are tried again.',
      ['station', 'model', 'type'],
    ),
    rows: counter(
      'weir_rows_total',
      'Rows that stations have moved, by what became of them. A station that is done again counts again.',
      ['station', 'model', 'kind'],
    ),
    verdicts: counter('weir_gate_verdicts_total', 'Verdicts of gates, one an evaluation.', [
      'model',
      'gate',
      'suite',
      'outcome',
    ]),
    loads: counter(
      'weir_loads_ended_total',
      'Loads by how they ended; what is stale when it is to be published is staged again.',
      ['model', 'state'],
    ),
    deliveries: counter(
      'weir_page_deliveries_total',
      'Attempts to tell a receiver of on-call, by how they ended: sent, failed (is tried again), refused (is not).',
      ['receiver', 'action', 'outcome'],
    ),
    reads: counter(
      'weir_database_read_failures_total',
      'Scrapes that had to do without what Postgres knows.',
      [],
    ),
  };
}
