/** What a chore came to, so far. */
export interface ChoreOutcome {
  readonly state: 'waiting' | 'done' | 'failed';
  readonly done?: readonly string[];
  readonly left?: readonly string[];
  readonly warnings?: readonly string[];
  /** Why it failed, free of values. */
  readonly failure?: string;
}

/** A housekeeping's current details, as Markdown for the Temporal UI: a line for each thing that was done, left or seen. */
export function housekeepingDetails(dryRun: boolean, outcomes: ReadonlyMap<string, ChoreOutcome>): string {
  const heading = dryRun ? '**LOOKING ONLY** · nothing is changed' : '**Housekeeping**';
  const lines = [...outcomes].flatMap(([chore, outcome]) =>
    outcomeLines(outcome).map(({ mark, text }) => `| ${chore} | ${mark} | ${text} |`),
  );
  return [heading, '', '| chore | | |', '| --- | --- | --- |', ...lines].join('\n');
}

/** The sentences of a chore, loudest last; one that found nothing to do says so. */
export function outcomeLines({ state, done = [], left = [], warnings = [], failure }: ChoreOutcome) {
  if (state === 'waiting') return [{ mark: 'waiting', text: '' }];
  const lines = [
    ...done.map((text) => ({ mark: 'done', text })),
    ...left.map((text) => ({ mark: 'left', text })),
    ...warnings.map((text) => ({ mark: '**look**', text })),
    ...(failure === undefined ? [] : [{ mark: '**failed**', text: failure }]),
  ];
  return lines.length > 0 ? lines : [{ mark: 'done', text: 'nothing to do' }];
}
