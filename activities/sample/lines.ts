import type { Schedule } from '../../models/model.ts';
import { durationText } from '../../models/duration.ts';
import { alarmName, type AlarmRow, type Standing } from './alarm-rows.ts';
import { percent } from './alarm-pages.ts';
import { timeText, type LateStation } from './late-station.ts';
import type { Rhythm } from './rhythm.ts';
import type { Ages } from './samples.ts';

/** What one round found, for who looks at the monitor. */
export interface Found {
  readonly ages: Ages;
  readonly stations: ReadonlyMap<string, LateStation>;
  readonly pipelines: readonly Schedule[];
  readonly standings: ReadonlyMap<string, Standing>;
  readonly alarms: ReadonlyMap<string, AlarmRow>;
  readonly rhythms: readonly Rhythm[];
}

/** The objectives as a Markdown table: what burns and what is late first, counts and names only. */
export function objectiveLines(found: Found): readonly string[] {
  const rows = [...modelRows(found), ...intervalRows(found), ...silentRows(found)].toSorted(
    (a, b) => a.order - b.order,
  );
  return [
    `Objectives at ${timeText(found.ages.minute)}`,
    '',
    '| objective | age / promised | met / promised, 30 days | budget left | | which station is late |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map(({ cells }) => `| ${cells.join(' | ')} |`),
  ];
}

interface Row {
  /** What burns is 0, what is late 1. */
  readonly order: number;
  readonly cells: readonly string[];
}

function burns({ alarms }: Found, alarm: AlarmRow['alarm'], subject: string): boolean {
  return alarms.get(alarmName({ alarm, subject }))?.state === 'raised';
}

function modelRows(found: Found): readonly Row[] {
  return found.ages.ages.map(({ model: { name }, ageSeconds, objectiveSeconds, isGood }) => {
    const burning = burns(found, 'freshness', name);
    const age = `${durationText(ageSeconds)} / ${durationText(objectiveSeconds)}`;
    const standing = standingCells(found.standings.get(`freshness ${name}`));
    const state = burning ? '**burning**' : isGood ? '' : 'late';
    return {
      order: burning ? 0 : isGood ? 2 : 1,
      cells: [name, age, ...standing, state, found.stations.get(name)?.words ?? ''],
    };
  });
}

function intervalRows(found: Found): readonly Row[] {
  return found.pipelines.flatMap((pipeline) => {
    const standing = found.standings.get(`availability ${pipeline}`);
    if (standing === undefined) return [];
    const burning = burns(found, 'availability', pipeline);
    const within = `within ${durationText(standing.objectiveSeconds)}`;
    const state = burning ? '**burning**' : '';
    return [
      {
        order: burning ? 0 : 2,
        cells: [`${pipeline} intervals`, within, ...standingCells(standing), state, ''],
      },
    ];
  });
}

function silentRows(found: Found): readonly Row[] {
  return found.rhythms
    .filter(({ source }) => burns(found, 'sourceSilent', source.name))
    .map(({ source, lastArrival }) => ({
      order: 0,
      cells: [
        source.name,
        '',
        '',
        '',
        '**silent**',
        `nothing since ${lastArrival === null ? 'ever' : timeText(lastArrival)}`,
      ],
    }));
}

function standingCells(standing: Standing | undefined): readonly [met: string, left: string] {
  if (standing === undefined || standing.met === null) return ['', ''];
  const { met, budgetLeft, target } = standing;
  return [`${percent(met)} / ${percent(target)}`, budgetLeft === null ? 'none' : percent(budgetLeft)];
}
