import { gateState, type ModelProgress, type ModelState, type Progress } from '../progress.ts';
import { renderHold } from './held.ts';
import { nowAndNext } from './next.ts';
import { bytesOf, cell, countText, cutTo, shortMinute } from './text.ts';

/** What the Temporal UI still shows at once, and a person still reads. */
const DETAILS_BYTES = 19_000;
/** Up to so many models a line each; above that what has ended well, and what waits, is counted. */
const LINES = 40;
const NOTE_BYTES = 300;

const HEAD = [
  '| | state | since | rows | gates | now, then | reset to event |',
  '| --- | --- | --- | --- | --- | --- | --- |',
];

/**
 * A run's current details, as Markdown for the Temporal UI: for each held gate what broke, what it means and the JSON to
 * paste, then the table of all its models, then slots that were missed. Counts only, never row values. However many
 * models: below 20 kB, with what is held, failed or under way before anything else.
 */
export function renderDetails(progress: Progress): string {
  const lines = [...progress.models.values()];
  const heading = headingOf(progress, lines);
  // An empty line at the end: the Temporal UI cuts off the lowest pixels of what it shows.
  const ends = [...missedSlots(progress), '', howToReset(progress), '', '\u00a0'];
  const restHeading = ['', '## All of this run', ''];
  const take = budgetOf(DETAILS_BYTES - bytesOf([...heading, ...restHeading, ...HEAD, ...ends].join('\n')));
  const { loud, moving, quiet } = sorted(lines);
  const rowsOf = (some: readonly ModelProgress[]) => some.map((line) => modelRow(progress, line));
  const loudRows = take(rowsOf(loud));
  const holds = take(loud.filter(({ held }) => held !== null).map((line) => renderHold(line).join('\n')));
  const sources = take([...progress.sources].map(([name, note]) => sourceRow(progress, name, note)));
  const movingRows = take(rowsOf(lines.length > LINES ? moving.slice(0, LINES / 2) : moving));
  const quietRows = take(lines.length > LINES ? [] : rowsOf(quiet));
  const counted = [...moving.slice(movingRows.kept.length), ...quiet.slice(quietRows.kept.length)];
  return [
    ...heading,
    // First what somebody has to press: the Temporal UI opens at the top, and a table of forty models is a page.
    ...holds.kept,
    ...moreHolds(holds.left),
    ...(holds.kept.length > 0 ? restHeading : []),
    ...HEAD,
    ...sources.kept,
    ...more(sources.left, 'sources'),
    ...loudRows.kept,
    ...more(loudRows.left, 'models'),
    ...movingRows.kept,
    ...quietRows.kept,
    ...countRows(counted),
    ...ends,
  ].join('\n');
}

function headingOf(progress: Progress, lines: readonly ModelProgress[]): string[] {
  const counts = [...countStates(lines)].map(([state, { models }]) => `${countText(models)} ${state}`);
  const of = counts.length === 0 ? '' : ` · ${counts.join(', ')}`;
  const state = gateState(progress).toUpperCase();
  const passed =
    progress.passedBy === null
      ? ''
      : ` · nothing to do: the run of the minute until ${progress.passedBy} reads what arrived`;
  return [`**${state}** · ${progress.pipeline} load as of ${progress.asOf}${of}${passed}`, ''];
}

function countStates(lines: readonly ModelProgress[]): Map<ModelState, { models: number; rows: number }> {
  const counts = new Map<ModelState, { models: number; rows: number }>();
  for (const { state, rows } of lines) {
    const count = counts.get(state) ?? { models: 0, rows: 0 };
    counts.set(state, { models: count.models + 1, rows: count.rows + (rows ?? 0) });
  }
  return counts;
}

/** What somebody has to see, what goes on, and what has ended well or waits; each in the graph's order. */
function sorted(lines: readonly ModelProgress[]) {
  const of = (...states: readonly ModelState[]) => lines.filter(({ state }) => states.includes(state));
  return {
    loud: [...of('held'), ...of('failed', 'abandoned', 'left')],
    moving: of('loading', 'checking'),
    quiet: of('published', 'empty', 'waiting'),
  };
}

/** A line for each state of what has none of its own. */
function countRows(lines: readonly ModelProgress[]): string[] {
  return [...countStates(lines)].map(([state, { models, rows }]) => {
    const sum = state === 'published' ? countText(rows) : '';
    return `| ${countText(models)} models | ${state} | | ${sum} | | | |`;
  });
}

function moreHolds(left: number): string[] {
  if (left === 0) return [];
  return ['', `**${countText(left)} more gates are held**: \`npm run weir -- gate list\` has them all.`];
}

function modelRow({ points }: Progress, line: ModelProgress): string {
  const { model, state, since, rows, verdicts } = line;
  const gates = [...verdicts].map(([gate, verdict]) => `${gate} ${verdict}`);
  const cells = [
    model.name,
    state === 'held' ? '**HELD**' : state,
    state === 'waiting' ? '' : shortMinute(since),
    rows === null ? '' : countText(rows),
    gates.join(', '),
    cutTo(NOTE_BYTES, cell(nowAndNext(line))),
    pointsText(points.get(model.name)),
  ];
  return `| ${cells.join(' | ')} |`;
}

function sourceRow({ points }: Progress, name: string, note: string): string {
  return `| ${name} | extract | | | | ${cutTo(NOTE_BYTES, cell(note))} | ${pointsText(points.get(name))} |`;
}

/** `open 12, gate input 18`. */
function pointsText(points: ReadonlyMap<string, number> | undefined): string {
  return [...(points ?? [])].map(([step, eventId]) => `${step} ${eventId}`).join(', ');
}

function more(left: number, what: string): string[] {
  return left > 0 ? [`| ${countText(left)} ${what} more | | | | | \`npm run weir -- status\` | |`] : [];
}

function howToReset({ pipeline, points, workflowId }: Progress): string {
  const [own] = points.get(pipeline) ?? [];
  const whole = own === undefined ? '' : `, all of it to event ${own[1]}`;
  // Whoever starts a run by hand may give it an id that a shell reads otherwise.
  const run = /^[\w.:/-]+$/.test(workflowId) ? workflowId : 'RUN';
  return `To do a step and all after it again, reset this run to its event${whole}; or \`npm run weir -- reset ${run} --to 'gate MODEL'\`.`;
}

function missedSlots({ missedSlots: slots, pipeline }: Progress): string[] {
  const [first] = slots;
  if (first === undefined) return [];
  return [
    '',
    '## Slots that no run has taken',
    `${slots.join(', ')}.`,
    '',
    'What has arrived of them since is read with this run or the next one. To load their hours by event time:' +
      ` \`npm run weir -- backfill ${pipeline} --from START --to END\`, or Backfill on the Schedules page.`,
  ];
}

/** Takes lines while there are bytes left for them; who comes first is served. */
function budgetOf(bytes: number) {
  let left = bytes;
  return (lines: readonly string[]): { readonly kept: readonly string[]; readonly left: number } => {
    const kept: string[] = [];
    for (const line of lines) {
      left -= bytesOf(line) + 1;
      if (left < 0) break;
      kept.push(line);
    }
    return { kept, left: lines.length - kept.length };
  };
}
