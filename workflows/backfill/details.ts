import { expectedMs, GRAIN_WORD } from './expected-time.ts';
import type { BackfillRequest } from './input.ts';
import { intervalOfRun, intervalRunId, shortTime, type BackfillReport } from './report.ts';
import { countText, isoMinute } from '../progress.ts';
import { cell, cutTo } from '../progress/text.ts';

/** So many lines of a kind; what is left out is counted. */
const LINES = 12;

/** Of many models, and of who said what on the way: below what the Temporal UI shows at once, all in all. */
const MODELS_BYTES = 2_000;
const STEERED_BYTES = 300;

/** Where links lead: the backfill itself and its namespace. */
export interface BackfillPlace {
  readonly workflowId: string;
  readonly namespace: string;
}

/** A backfill's current details, as Markdown for the Temporal UI. Counts and names, never row values. */
export function backfillDetails(
  report: BackfillReport,
  request: BackfillRequest,
  place: BackfillPlace,
  steered: readonly string[],
): string {
  const { survey } = report;
  if (survey === null) return '**LOOKING** at what is to be loaded';
  if (survey.range === null) return nothingMissed(survey.pipeline);
  const heading = `**${HEADINGS[report.state]}** · backfill of the ${survey.pipeline} pipeline, [${shortTime(survey.range.from)}, ${shortTime(survey.range.to)})`;
  if (report.state === 'dryRun')
    return [heading, '', ...previewLines(report, request).map((line) => `- ${line}`)].join('\n');
  return [
    heading,
    '',
    '| intervals | done before | done | live | waiting | failed |',
    '| --- | --- | --- | --- | --- | --- |',
    `| ${[survey.intervals, report.skipped, report.done, report.live.length, report.waiting, report.failures].map(countText).join(' | ')} |`,
    '',
    paceText(report),
    ...pausedLines(report),
    ...heldLines(report, place),
    ...failedLines(report, place),
    ...liveLines(report, place),
    '',
    `Models: ${cutTo(MODELS_BYTES, survey.models.join(', '))}.`,
    ...steered.map((line) => `- ${cutTo(STEERED_BYTES, cell(line))}`),
    ...steeringLines(report),
  ].join('\n');
}

function steeringLines({ state }: BackfillReport): readonly string[] {
  if (state !== 'loading' && state !== 'paused') return [];
  return [
    '',
    'To steer it, press **More Actions → Send an Update**: `setWidth` `{"width": 8, "by": "YOUR NAME"}`, `pause` `{"reason": "WHY", "by": "YOUR NAME"}`, `resume` `{"by": "YOUR NAME"}`. Cancel also cancels the intervals that go on; terminate lets them end.',
  ];
}

const HEADINGS: Readonly<Record<BackfillReport['state'], string>> = {
  looking: 'LOOKING',
  loading: 'LOADING',
  paused: 'PAUSED',
  done: 'DONE',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  nothingMissed: 'NOTHING MISSED',
  dryRun: 'WOULD LOAD',
};

/** What somebody is told who asked for what was missed. */
export function nothingMissed(pipeline: string): string {
  return `**NOTHING MISSED** · between the first and the last slot of the ${pipeline} pipeline that were published in the last seven days there is a run for each. To load intervals again, give \`from\` and \`to\`.`;
}

/** What a backfill comes to before it begins: intervals, rows and minutes, each a sentence. */
export function previewLines(
  { survey, width }: Pick<BackfillReport, 'survey' | 'width'>,
  { again }: Pick<BackfillRequest, 'again'>,
): readonly string[] {
  if (survey === null) return [];
  const { intervals, done, models, left, rows, pipeline } = survey;
  const todo = again ? intervals : intervals - done;
  const ms = expectedMs({ survey, width, again });
  const grain = GRAIN_WORD[pipeline];
  return [
    `${countText(intervals)} ${grain}${intervals === 1 ? '' : 's'}${survey.missedOnly ? ' that no scheduled run has taken' : ''}, of which ${countText(done)} ${done === 1 ? 'is' : 'are'} done with the same SQL${again && done > 0 ? ' and loaded again' : ''}: ${countText(todo)} to load, ${width} side by side`,
    `models: ${models.join(', ')}`,
    ...left.map(({ model, why }) => `left as it stands: ${model} ${why}`),
    ...rows.map(
      ({ relation, rows: count, counted }) =>
        `${counted ? '' : 'about '}${countText(count)} rows of ${relation} in the range`,
    ),
    ms === null
      ? 'how long it takes is not known: none of these models has been loaded yet'
      : `about ${durationText(ms)}, by what loads of these models took before`,
  ];
}

/** `45 seconds`, `12 minutes`, `3.5 hours`. */
export function durationText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 90) return `${seconds} second${seconds === 1 ? '' : 's'}`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.round(minutes / 6) / 10} hours`;
}

function paceText({ paceMs, expectedEnd, width }: BackfillReport): string {
  const pace = paceMs === null ? '' : ` · ${(paceMs / 1000).toFixed(paceMs < 10_000 ? 2 : 0)} s an interval`;
  const end = expectedEnd === null ? '' : ` · expected to end at ${isoMinute(Date.parse(expectedEnd))}`;
  return `Width ${width}${pace}${end}`;
}

function pausedLines({ paused }: BackfillReport): readonly string[] {
  if (paused === null) return [];
  return ['', `**Paused** by ${paused.by} since ${isoMinute(paused.since)}: ${paused.reason}`];
}

function heldLines({ held }: BackfillReport, place: BackfillPlace): readonly string[] {
  if (held.length === 0) return [];
  const lines = held.map(({ workflowId, model, since }) => {
    const own = intervalOfRun(place.workflowId, workflowId);
    const whose = own === null ? `another run, ${workflowId}` : `interval ${own}`;
    return `- ${model} is **HELD** by [${whose}](${link(place, workflowId)}) since ${isoMinute(Date.parse(since))}${own === null ? '' : ', which keeps its place'}; intervals that need it wait until somebody decides`;
  });
  return ['', ...some(lines)];
}

function failedLines({ failed, failures, resume }: BackfillReport, place: BackfillPlace): readonly string[] {
  if (failures === 0) return [];
  const lines = failed.map(
    ({ start, reason }) =>
      `| [${shortTime(start)}](${link(place, intervalRunId(place.workflowId, start))}) | ${cell(reason)} |`,
  );
  return [
    '',
    '| failed | why |',
    '| --- | --- |',
    ...lines,
    ...(failures > failed.length ? [`| … | and ${countText(failures - failed.length)} more |`] : []),
    ...(resume === null ? [] : ['', `Mend it, then \`${resume}\` loads what is left.`]),
  ];
}

function liveLines({ live }: BackfillReport, place: BackfillPlace): readonly string[] {
  if (live.length === 0) return [];
  const links = live.map(
    (start) => `[${shortTime(start)}](${link(place, intervalRunId(place.workflowId, start))})`,
  );
  return ['', `Live: ${some(links).join(' · ')}`];
}

function some(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES) return lines;
  return [...lines.slice(0, LINES), `… and ${lines.length - LINES} more`];
}

function link({ namespace }: BackfillPlace, workflowId: string): string {
  return `/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}
