import { grouped } from '../../expectations/measured.ts';
import { ageText, secondsBetween } from '../age-text.ts';
import { colours } from '../colours.ts';
import { foundWords, type HeldGate } from '../gate/held-gates.ts';
import type { Burning } from './burning.ts';
import type { NextRun } from './next-runs.ts';
import type { ModelStatus, Status } from './read-status.ts';

/** Names longer than this are cut in the middle, so that a line fits 80 columns. */
const NAME_WIDTH = 24;

/** Where everything stands, for people: a table of the models, then what waits for somebody. 80 columns wide. */
export function statusText(status: Status): string {
  const held = new Set(status.held.map(({ model }) => model));
  const rows = status.models.map((model) => rowOf(model, held.has(model.model), status.at));
  const all = [HEADINGS, ...rows.map(({ cells }) => cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((cells) => (cells[column] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    colours.bold(`  ${line(HEADINGS)}`),
    ...rows.flatMap(({ mark, paint, cells, remark }) => [
      paint(`${mark} ${line(cells)}`),
      ...(remark === '' ? [] : [`    ${remark}`]),
    ]),
    '',
    ...status.held.flatMap((one) => heldLines(one, status.at)),
    ...quarantineLines(status),
    ...status.incidents.map(
      ({ dedupKey, since }) => `incident open for ${ageText(secondsBetween(since, status.at))}: ${dedupKey}`,
    ),
    ...status.burning.map((one) => burningLine(one, status.at)),
    ...(status.nextRuns ?? []).map((next) => nextLine(next, status.at)),
    '',
  ].join('\n');
}

const HEADINGS = ['MODEL', 'AGE / OBJECTIVE', 'LAST LOAD', 'VERDICT'] as const;

interface Row {
  readonly mark: string;
  readonly paint: (text: string) => string;
  readonly cells: readonly string[];
  readonly remark: string;
}

function rowOf(model: ModelStatus, isHeld: boolean, at: string): Row {
  const { ageSeconds, objectiveSeconds, state, lastVerdict, target, met } = model;
  const age = ageSeconds === null ? 'nothing yet' : ageText(ageSeconds);
  const cells = [
    shortened(model.model),
    objectiveSeconds === null ? age : `${age} / ${ageText(objectiveSeconds)}`,
    isHeld ? 'held' : loadWords(model, at),
    lastVerdict?.outcome ?? '',
  ];
  const remark =
    target !== null && met !== null && met < target
      ? `fresh ${percent(met)} of the last 30 days, to be ${percent(target)}`
      : '';
  if (isHeld) return { mark: '●', paint: colours.red, cells, remark };
  if (state === 'stale') return { mark: '!', paint: colours.yellow, cells, remark };
  const isWarned = lastVerdict !== null && lastVerdict.outcome !== 'pass';
  return isWarned
    ? { mark: '!', paint: colours.yellow, cells, remark }
    : { mark: '✓', paint: String, cells, remark };
}

function loadWords({ lastLoad }: ModelStatus, at: string): string {
  if (lastLoad === null) return 'none';
  const { state } = lastLoad;
  const ago = ageText(secondsBetween(lastLoad.at, at));
  return state === 'open' || state === 'staged' ? `${state} for ${ago}` : `${state} ${ago} ago`;
}

function heldLines(held: HeldGate, at: string): readonly string[] {
  const { model, gate, suite, since, verdictId, workflowId } = held;
  return [
    colours.red(
      `held for ${ageText(secondsBetween(since, at))}: ${model}, ${gate} gate (${suite}), ${foundWords(held)}`,
    ),
    `    run     ${workflowId}`,
    `    verdict ${verdictId}`,
  ];
}

function quarantineLines({ models, sources }: Status): readonly string[] {
  const ofModels = models.filter(({ quarantined }) => quarantined > 0);
  return [
    ...Object.entries(sources).map((one) => waitingLine('record', ...one)),
    ...ofModels.map(({ model, quarantined }) => waitingLine('row', model, quarantined)),
  ];
}

/** A record never became a row; a row was set aside by a gate. */
function waitingLine(what: 'record' | 'row', name: string, count: number): string {
  return `quarantine: ${grouped(count)} ${count === 1 ? `${what} waits` : `${what}s wait`} of ${name}`;
}

function burningLine({ alarm, subject, since, budgetLeft }: Burning, at: string): string {
  const age = ageText(secondsBetween(since, at));
  if (alarm === 'sourceSilent') return colours.yellow(`silent for ${age}: ${subject}`);
  const name = alarm === 'freshness' ? subject : `${subject} intervals`;
  const left =
    budgetLeft === null || budgetLeft < 0
      ? 'the month’s budget is spent'
      : `${percent(budgetLeft)} of the month’s budget left`;
  return colours.yellow(`burning for ${age}: ${name}, ${left}`);
}

function nextLine({ scheduleId, missing, paused, at: next }: NextRun, at: string): string {
  if (missing) return colours.yellow(`next ${scheduleId}: none; \`weir schedules apply\` makes its schedule`);
  if (paused) return colours.yellow(`next ${scheduleId}: none, its schedule is paused`);
  if (next === null) return `next ${scheduleId}: not planned`;
  return `next ${scheduleId}: ${next.slice(0, 16)}Z, in ${ageText(secondsBetween(at, next))}`;
}

function shortened(name: string): string {
  if (name.length <= NAME_WIDTH) return name;
  const half = (NAME_WIDTH - 1) / 2;
  return `${name.slice(0, Math.ceil(half))}…${name.slice(-Math.floor(half))}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1).replace(/\.0$/, '')} %`;
}
