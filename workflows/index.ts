// What the Temporal UI's Start form offers. These names are an interface: schedules, bookmarks and histories use them.
export { backfill } from './backfill.ts';
export { dailyDimensionRefresh } from './daily-dimension-refresh.ts';
export { freshnessMonitor } from './freshness-monitor.ts';
export { hourlyIncrementalLoad } from './hourly-incremental-load.ts';
export { housekeeping } from './housekeeping.ts';
export { incident } from './incident.ts';
export { minuteIncrementalLoad } from './minute-incremental-load.ts';
