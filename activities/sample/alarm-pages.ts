import type { Graph } from '../../models/graph.ts';
import { durationText } from '../../models/duration.ts';
import type { Model, PublishedModel } from '../../models/model.ts';
import type { Json } from '../notifiers/notifier.ts';
import type { AlarmPage } from '../page/page-input.ts';
import type { AlarmRow, Standing } from './alarm-rows.ts';
import type { LateSlots } from './availability.ts';
import { burnText } from './decide-alarm.ts';
import { burningBy, type WindowCount } from './burn.ts';
import { timeText, type LateStation, type StationName } from './late-station.ts';
import { AVAILABILITY, FRESHNESS_BURN } from './objectives.ts';
import type { Rhythm } from './rhythm.ts';
import type { Age } from './samples.ts';

/** What every page says the same way. */
function pageOf(
  row: AlarmRow,
  model: Pick<Model, 'owner' | 'tier'> | null,
  told: Pick<AlarmPage, 'summary' | 'details' | 'runbook' | 'run' | 'relation'>,
): AlarmPage {
  return {
    kind: 'alarm',
    state: row.state,
    alarm: row.alarm,
    subject: row.subject,
    occasion: String(row.alarmId),
    severity: row.severity,
    owner: model?.owner ?? null,
    tier: model?.tier ?? null,
    because: row.state === 'raised' ? row.because : null,
    ...told,
  };
}

/** What is known of a model's freshness when a page about it is written. */
export interface FreshnessKnown {
  readonly age: Age;
  readonly graph: Graph;
  readonly station: LateStation | null;
  readonly standing: Standing | null;
  readonly counts: readonly WindowCount[];
}

/** A model is too old for too long, or is so no more. */
export function freshnessPage(row: AlarmRow, known: FreshnessKnown): AlarmPage {
  const { age, graph, station, standing, counts } = known;
  const { model, ageSeconds, objectiveSeconds, target } = age;
  const old = `${durationText(ageSeconds)} old, objective ${durationText(objectiveSeconds)}`;
  const burning = burningBy(FRESHNESS_BURN, counts, target);
  const downstream = graph.downstream.get(model.name) ?? [];
  const summary =
    row.state === 'cleared'
      ? `${model.name} is fresh again: ${old}. ${budgetText(standing)}`
      : `${model.name} is ${old}, since ${timeText(row.since)}. ${capitalised(station?.words ?? 'it is fresh again, and must stay so')}. ${budgetText(standing)}`;
  return pageOf(row, model, {
    summary,
    details: {
      model: model.name,
      since: row.since.toISOString(),
      age: durationText(ageSeconds),
      objective: `${durationText(objectiveSeconds)}, ${percent(target)} of the time`,
      ...budgetDetails(standing),
      ...(burning === null ? {} : { burn: burnText(burning) }),
      ...(station === null ? {} : { late_station: station.words }),
      ...(row.state === 'raised' ? { what_to_press: pressOf(station, model) } : {}),
      downstream: downstream.length > 0 ? downstream : 'nothing depends on it',
    },
    runbook: `docs/runbooks/freshness.md${station === null ? '' : `#${ANCHORS[station.station]}`}`,
    run: station === null || station.run?.workflowId === '' ? null : station.run,
    relation: model.name,
  });
}

const ANCHORS: Readonly<Record<StationName, string>> = {
  'source silent': 'source-silent',
  'nothing to say': 'source-silent',
  extract: 'extract',
  'gate held': 'gate-held',
  'stage or publish': 'stage-or-publish',
  'schedule paused': 'schedule-paused',
  'nobody runs it': 'nobody-runs-it',
};

/** Commands for who was woken, the first to look and the last to mend. */
function pressOf(
  late: LateStation | null,
  { schedule, name }: Pick<PublishedModel, 'schedule' | 'name'>,
): readonly string[] {
  const weir = (words: string) => `npm run weir -- ${words}`;
  if (late === null) return [weir('slo')];
  const { station, run } = late;
  const show = run === null || run.workflowId === '' ? [] : [weir(`runs show ${run.workflowId}`)];
  switch (station) {
    case 'gate held':
      return [weir('gate list'), ...show];
    case 'source silent':
    case 'nothing to say':
      return [weir(`lineage ${name}`), weir(`run ${schedule}`)];
    case 'extract':
      return [weir(`runs --pipeline ${schedule} --since 24h`), ...show];
    case 'stage or publish':
      return [...show, weir(`runs --pipeline ${schedule} --since 24h`)];
    case 'schedule paused':
      return [weir('schedules list'), weir(`schedules unpause ${schedule}`)];
    case 'nobody runs it':
      return [weir('doctor'), weir('schedules diff'), weir(`run ${schedule}`)];
  }
}

/** What is known of a pipeline's intervals when a page about them is written. */
export interface AvailabilityKnown {
  readonly late: LateSlots;
  readonly graph: Graph;
  readonly standing: Standing | null;
}

/** Too many intervals of a pipeline came late, or they are on time again. */
export function availabilityPage(row: AlarmRow, { late, graph, standing }: AvailabilityKnown): AlarmPage {
  const { pipeline, models } = late;
  const { target, withinSeconds } = AVAILABILITY[pipeline];
  const names = models.length > 0 ? models.join(', ') : 'none now';
  const summary =
    row.state === 'cleared'
      ? `the ${pipeline} pipeline publishes its intervals on time again. ${budgetText(standing)}`
      : `the ${pipeline} pipeline publishes its intervals late, since the one that ended ${timeText(row.since)}: ${names}. ${budgetText(standing)}`;
  return pageOf(row, ownerOf(graph, models), {
    summary,
    details: {
      pipeline,
      since: row.since.toISOString(),
      objective: `${percent(target)} of its intervals are loaded within ${durationText(withinSeconds)} of their time`,
      ...budgetDetails(standing),
      late_models: [...models],
      what_to_press: [
        'npm run weir -- status',
        `npm run weir -- runs --pipeline ${pipeline} --since 24h`,
        'npm run weir -- schedules list',
      ],
    },
    runbook: 'docs/runbooks/availability.md',
    run: null,
    relation: models[0] ?? null,
  });
}

/** Who answers for the first of the late models, the loudest tier of them all. */
function ownerOf(graph: Graph, models: readonly string[]): Pick<Model, 'owner' | 'tier'> | null {
  const found = models.flatMap((name) => graph.byName.get(name) ?? []);
  return found.toSorted((a, b) => a.tier - b.tier)[0] ?? null;
}

/** A source fell silent, or speaks again. */
export function silencePage(row: AlarmRow, rhythm: Rhythm, graph: Graph): AlarmPage {
  const { source, lastArrival, weeks, heard } = rhythm;
  const since = timeText(lastArrival ?? row.since);
  const downstream = graph.downstream.get(source.name) ?? [];
  const usual = `in ${heard} of the last ${weeks} weeks it had by now`;
  return pageOf(row, source, {
    summary:
      row.state === 'cleared'
        ? `${source.name} has brought something again, ${since}`
        : `${source.name} has brought nothing since ${since}; in this hour of the week it does: ${usual}`,
    details: {
      source: source.name,
      since: row.since.toISOString(),
      last_arrival: lastArrival?.toISOString() ?? 'never',
      rhythm: `${usual} (hour of the week, UTC)`,
      reader: source.reader,
      downstream: downstream.length > 0 ? downstream : 'nothing depends on it',
      what_to_press: [
        `ask ${source.owner} whether it still delivers`,
        `npm run weir -- run ${source.schedule}`,
      ],
    },
    runbook: 'docs/runbooks/source-silent.md',
    run: null,
    relation: source.name,
  });
}

/** What ends for a model, pipeline or source that is no more. */
export function gonePage(row: AlarmRow): AlarmPage {
  return pageOf(row, null, {
    summary: `${row.subject} is promised nothing any more`,
    details: { subject: row.subject },
    runbook: 'docs/runbooks/freshness.md',
    run: null,
    relation: null,
  });
}

/** `61 % of the month’s budget is left`. */
function budgetText(standing: Standing | null): string {
  if (standing === null) return 'Nothing is measured yet';
  const { budgetLeft } = standing;
  if (budgetLeft === null) return 'Its target leaves no budget';
  return budgetLeft < 0
    ? `The month’s budget is spent ${(1 - budgetLeft).toFixed(1)} times over`
    : `${percent(budgetLeft)} of the month’s budget is left`;
}

function budgetDetails(standing: Standing | null): Readonly<Record<string, Json>> {
  if (standing === null) return {};
  const { met, unmeasured } = standing;
  return {
    budget: budgetText(standing),
    met_30_days: met === null ? null : percent(met),
    ...(unmeasured === 0 ? {} : { unmeasured: `${unmeasured} minutes, which count as not met` }),
  };
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** `99 %`, `99.95 %`. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
