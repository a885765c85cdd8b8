import { colours } from '../colours.ts';
import { withContext } from '../../models/diff-lines.ts';
import type { DiffLine } from '../../models/diff-lines.ts';
import { isPublished } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import { rowsText } from '../../activities/preview/count.ts';
import type { Planned, PlannedGate } from './describe.ts';
import type { PlannedDelta, PlannedWindow } from '../../activities/preview/read-window.ts';

/** What would be done, model by model, in order; indented below each what it reads, who asks, what has changed. */
export function planText(planned: readonly Planned[]): string {
  const width = Math.max(...planned.map(({ model }) => model.name.length));
  const blocks = planned.map((one, at) =>
    [headLine(one, at + 1, width), ...bodyLines(one, planned)].join('\n'),
  );
  return `${blocks.join('\n')}\n\n${summary(planned)}\n`;
}

function headLine({ model, after }: Planned, place: number, width: number): string {
  const what = model.kind === 'source' ? `source by ${model.reader}` : model.kind;
  const needs = after.length === 0 ? '' : `  after ${after.join(', ')}`;
  return `${String(place).padStart(2)}  ${colours.bold(model.name.padEnd(width))}  ${model.schedule} ${what}${needs}`;
}

const INDENT = '      ';

function line(label: string, text: string): string {
  return `${INDENT}${label.padEnd(8)} ${text}`;
}

function bodyLines({ model, load }: Planned, planned: readonly Planned[]): readonly string[] {
  if (load === null || !isPublished(model)) return [];
  const { window, gates, changes, held, sql } = load;
  return [
    ...(held === null
      ? []
      : [
          line(
            'held',
            colours.red(`by ${held.workflowId} since ${held.since}: a run leaves it and what depends on it`),
          ),
        ]),
    ...windowLines(model, window, planned),
    ...(gates.length === 0 ? [line('gate', `none: ${model.gateReason ?? ''}`)] : gates.map(gateLine)),
    ...changes.sentences.map((sentence) => line('changed', colours.yellow(sentence))),
    ...(changes.diff === null ? [] : diffText(changes.diff)),
    ...(sql === null ? [] : sqlLines(sql)),
  ];
}

function windowLines(
  model: PublishedModel,
  { deltas, keys, made }: PlannedWindow,
  planned: readonly Planned[],
): readonly string[] {
  if (model.shape.kind === 'whole') {
    return [
      line(
        'reads',
        `whole relations, every time${made === null ? '' : `; ${rowsText(made)} as they are now`}`,
      ),
    ];
  }
  const comes = (delta: string): string => {
    const upstream = planned.find((one) => one.model.name === delta)?.model;
    if (upstream === undefined || upstream.schedule !== model.schedule) return '';
    return upstream.kind === 'source' ? ', and what this run lands' : ', and what this run publishes';
  };
  const lines = deltas.map((one) =>
    line('reads', `delta.${one.delta}: ${deltaText(one)}${comes(one.delta)}`),
  );
  return keys === null ? lines : [...lines, line('touches', rowsText(keys, 'key'))];
}

function deltaText({ since, foreign, rows }: PlannedDelta): string {
  if (foreign) {
    return 'its watermark is of another cluster or timeline: a load stops there. weir watermark show says why, weir watermark adopt goes on';
  }
  const count = rows === null ? 'its relation is not there yet' : rowsText(rows);
  if (since === null) return `everything, nothing of it has been published: ${count}`;
  return `what arrived since ${since.movedAt} (load ${since.loadId}): ${count}`;
}

function gateLine({ gate, suite, promises }: PlannedGate): string {
  const { hold, quarantine, continue: goesOn } = promises;
  const said = [
    ...(hold > 0 ? [`${hold} hold the load`] : []),
    ...(quarantine > 0 ? [`${quarantine} set bad rows aside`] : []),
    ...(goesOn > 0 ? [`${goesOn} only tell`] : []),
  ];
  return line(
    gate,
    `suite ${suite}: of ${hold + quarantine + goesOn} promises, when they fail, ${said.join(', ')}`,
  );
}

/** Lines around a change that are shown with it. */
const AROUND = 2;

function diffText(diff: readonly DiffLine[]): readonly string[] {
  const paint = { '-': colours.red, '+': colours.green, ' ': colours.dim };
  return withContext(diff, AROUND).map((one) =>
    one === null ? `${INDENT}  …` : `${INDENT}${paint[one.side](`${one.side} ${one.text}`)}`.trimEnd(),
  );
}

function sqlLines({
  stage,
  publish,
  ends,
}: NonNullable<NonNullable<Planned['load']>['sql']>): readonly string[] {
  const text = [
    '-- stage: one transaction of weir_loader, repeatable read; load 0 stands for the one that would be opened',
    ...stage.map((one) => `${one};`),
    ...(publish.length === 0
      ? []
      : [
          '-- publish: one transaction of weir_publisher, with what it locks, compares and notes around it',
          ...publish.map((one) => `${one};`),
        ]),
    ...(ends === null ? [] : [`-- ${ends}`]),
  ].join('\n');
  return text.split('\n').map((one) => `${INDENT}${one}`.trimEnd());
}

function summary(planned: readonly Planned[]): string {
  const count = (what: string, many: number): readonly string[] =>
    many === 0 ? [] : [`${many} ${what}${many === 1 ? '' : 's'}`];
  const of = (test: (one: Planned) => boolean): number => planned.filter(test).length;
  const changed = planned
    .filter(({ load }) => (load?.changes.sentences.length ?? 0) > 0)
    .map(({ model }) => model.name);
  const held = planned
    .filter(({ load }) => load !== null && load.held !== null)
    .map(({ model }) => model.name);
  return [
    [
      ...count(
        'source',
        of(({ model }) => model.kind === 'source'),
      ),
      ...count(
        'model',
        of(({ load }) => load !== null),
      ),
      ...count(
        'view',
        of(({ model }) => model.kind === 'view'),
      ),
    ].join(', '),
    ...(changed.length === 0 ? [] : [`changed: ${changed.join(', ')}`]),
    ...(held.length === 0 ? [] : [`held: ${held.join(', ')}`]),
  ].join(' · ');
}
