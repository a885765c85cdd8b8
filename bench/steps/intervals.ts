/** A run of one interval, as the server lists it. Epoch milliseconds. */
export interface IntervalRun {
  readonly workflowId: string;
  readonly status: string;
  readonly startedAt: number;
  /** Null while it goes on. */
  readonly endedAt: number | null;
}

/** The most runs that were live at one time. One that ends in the millisecond in which another begins makes room for it. */
export function mostLive(runs: readonly IntervalRun[]): number {
  const changes = runs.flatMap(({ startedAt, endedAt }) => [
    { at: startedAt, by: 1 },
    ...(endedAt === null ? [] : [{ at: endedAt, by: -1 }]),
  ]);
  changes.sort((one, other) => one.at - other.at || one.by - other.by);
  let live = 0;
  let most = 0;
  for (const { by } of changes) {
    live += by;
    most = Math.max(most, live);
  }
  return most;
}

/** What the ledger says: how often each interval of each model has ended, by its start in ISO 8601. */
export type EndedIntervals = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What a backfill must have kept to. */
export interface BackfillFacts {
  /** Starts of all intervals, ISO 8601. */
  readonly wanted: readonly string[];
  readonly models: readonly string[];
  readonly width: number;
  readonly runs: readonly IntervalRun[];
  readonly ended: EndedIntervals;
}

/** Says what is wrong with a backfill, a sentence each: none for one that missed and doubled nothing. */
export function problemsOf({ wanted, models, width, runs, ended }: BackfillFacts): readonly string[] {
  const problems: string[] = [];
  const live = mostLive(runs);
  if (live > width) problems.push(`${live} intervals were live at a time, not ${width} at most`);
  const bad = runs.filter(({ status }) => status !== 'COMPLETED');
  if (bad.length > 0) problems.push(`${bad.length} runs did not complete, ${bad[0]?.workflowId} among them`);
  const ids = new Set(runs.map(({ workflowId }) => workflowId));
  if (ids.size !== runs.length) problems.push(`${runs.length - ids.size} intervals ran more than once`);
  if (ids.size !== wanted.length) problems.push(`${ids.size} intervals ran, not ${wanted.length}`);
  for (const model of models) {
    const counts = ended.get(model) ?? new Map<string, number>();
    const missed = wanted.filter((start) => !counts.has(start));
    const doubled = [...counts].filter(([, times]) => times > 1);
    const foreign = [...counts.keys()].filter((start) => !wanted.includes(start));
    if (missed.length > 0)
      problems.push(`${model}: ${missed.length} intervals were missed, ${missed[0]} first`);
    if (doubled.length > 0) problems.push(`${model}: ${doubled.length} intervals were loaded twice`);
    if (foreign.length > 0) problems.push(`${model}: ${foreign.length} intervals nobody asked for`);
  }
  return problems;
}
