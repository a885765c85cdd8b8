/** What responders call the workflows of each type; those of another type by the type's own name. */
const SUBJECTS: Readonly<Record<string, string>> = {
  hourlyIncrementalLoad: 'hourly',
  dailyDimensionRefresh: 'daily',
  minuteIncrementalLoad: 'minute',
  housekeeping: 'housekeeping',
  incident: 'incident',
  freshnessMonitor: 'freshness-monitor',
};

/** Types that people run when they need them, and no schedule does. */
export const BY_HAND = ['backfill', 'incident'] as const;

/** Whose end the watch tells of. */
export const WATCHED_TYPES: readonly string[] = [...Object.keys(SUBJECTS), 'backfill'];

/** What a pipeline, or else a type of workflow, is called in alarms: `hourly`, `hourly-backfill`, `housekeeping`. */
export function subjectOf(type: string, pipeline: string | null): string {
  if (type === 'backfill') return pipeline === null ? 'backfill' : `${pipeline}-backfill`;
  return SUBJECTS[type] ?? type;
}

/** The type that a subject stands for. */
export function typeOf(subject: string): string {
  if (subject === 'backfill' || subject.endsWith('-backfill')) return 'backfill';
  // Of an incident, its own workflow id.
  if (subject.startsWith('incident/')) return 'incident';
  return Object.entries(SUBJECTS).find(([, name]) => name === subject)?.[0] ?? subject;
}
