import { Gauge, Registry } from 'prom-client';

/** One number that Postgres knows. */
export interface Reading {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * What is read from Postgres at a scrape. Moments, not ages: `time() - …` is the age at any time, and goes on growing when
 * nobody measures any more.
 *
 * @see https://prometheus.io/docs/practices/instrumentation/#timestamps-not-time-since
 */
export const GAUGES = {
  weir_held_since_timestamp_seconds:
    'Since when a gate has held its model; none for a model that is not held.',
  weir_loads_under_way: 'Loads that have a model and have not ended, by state.',
  weir_current_to_timestamp_seconds: 'Everything that had arrived by then is published.',
  weir_freshness_objective_seconds: 'How old a model may be, as its header says.',
  weir_freshness_target_ratio: 'The share of the time in which a model may not be older, as its header says.',
  weir_objective_target_ratio:
    'The share of the time, or of the intervals, in which an objective is to be met.',
  weir_objective_met_ratio: 'The share in which it was, of the last 30 days.',
  weir_objective_budget_left_ratio: 'What is left of what may go wrong in 30 days; below 0 it is overspent.',
  weir_objective_burning: '1 while the monitor says that an objective burns.',
  weir_monitor_last_sample_timestamp_seconds: 'When the monitor of objectives last took samples.',
  weir_quarantine_waiting_rows: 'Rows and records that wait in quarantine for a person, by model or source.',
  weir_incidents_open: 'Incidents that are open, by what they are about.',
  weir_incidents_first_failed_timestamp_seconds:
    'When what is open longest first failed, by what it is about.',
  weir_schedule_last_slot_timestamp_seconds:
    'The end of the newest slot that a scheduled run has loaded for.',
  weir_schedule_due_slot_timestamp_seconds: 'The end of the newest slot that the schedule has named by now.',
  weir_pages_unsent:
    'Events that a receiver has not taken, by state: failing is tried again, undelivered was given up in the last day.',
  weir_pages_oldest_failing_timestamp_seconds:
    'When the oldest event that a receiver has not taken, and that is still tried, was tried first.',
} as const satisfies Readonly<Record<`weir_${string}`, string>>;

/** Distinct label sets of one name at most: what comes from tables is bounded by models and sources, and by this. */
const MOST_SERIES = 2_000;

/** Readings as Prometheus' text. @throws Error for a name that is none of `GAUGES`. */
export async function gaugeText(readings: readonly Reading[]): Promise<string> {
  const registry = new Registry();
  for (const [name, help] of Object.entries(GAUGES)) {
    const own = readings.filter((reading) => reading.name === name).slice(0, MOST_SERIES);
    const [first] = own;
    if (first === undefined) continue;
    const gauge = new Gauge({ name, help, labelNames: Object.keys(first.labels), registers: [registry] });
    for (const { labels, value } of own) gauge.set({ ...labels }, value);
  }
  const unknown = readings.find(({ name }) => !Object.hasOwn(GAUGES, name));
  if (unknown !== undefined) throw new Error(`${unknown.name} is read and not described in GAUGES`);
  return registry.metrics();
}
