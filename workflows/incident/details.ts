import type { PageEvent } from '../../activities/notifiers/notifier.ts';
import { showDetails } from '../redaction.ts';
import type { Lane, State } from './state.ts';
import { cell } from './text.ts';

/** Rows of what has been sent that are shown: the newest. */
const SHOWN = 50;

/** How often it failed, what was sent, to whom, what was answered and when it is tried again, for the Temporal UI. */
export function show(dedupKey: string, state: State): void {
  showDetails(incidentDetails(dedupKey, state));
}

/** The same as Markdown. */
export function incidentDetails(dedupKey: string, state: State): string {
  const lanes = [...state.lanes.values()];
  const hidden = state.lines.length - SHOWN;
  const rows = [
    ...state.lines.slice(-SHOWN),
    ...lanes.flatMap((lane) => [
      ...(lane.sending ? [row(lane.sending, lane.name, underWay(lane))] : []),
      ...lane.waiting.map((event) => row(event, lane.name, 'waits')),
    ]),
    ...state.queue.map((event) => row(event, '', 'waits')),
  ];
  return [
    `**${headingOf(state)}** · ${dedupKey}`,
    ...(state.failedSoFar === null ? [] : ['', `failed ${state.failedSoFar}`]),
    ...(hidden > 0 ? ['', `and ${hidden} more before what is shown`] : []),
    '',
    '| found | event | to | what it says | answer |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** A row of the table. */
export function row({ timestamp, action, summary }: PageEvent, to: string, answer: string): string {
  return `| ${timestamp} | ${action} | ${cell(to)} | ${cell(summary)} | ${cell(answer)} |`;
}

function headingOf({ undelivered, lanes, queue, open }: State): string {
  const busy = [...lanes.values()].filter(({ sending }) => sending !== null);
  if (undelivered.length > 0) return 'NOT DELIVERED';
  if (busy.some(({ attempt }) => attempt !== null)) return 'RETRYING';
  if (busy.length > 0 || queue.length > 0) return 'SENDING';
  return open ? 'OPEN' : 'RESOLVED';
}

function underWay({ attempt }: Lane): string {
  if (attempt === null) return 'being sent';
  const { answer, at, nextAt } = attempt;
  return `attempt ${attempt.attempt} at ${at}: ${answer} Next attempt ${nextAt}`;
}
