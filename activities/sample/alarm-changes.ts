import type { Schedule } from '../../models/model.ts';
import { alarmDedupKey } from '../page/dedup-key.ts';
import { alarmName, type AlarmChange, type AlarmRow } from './alarm-rows.ts';
import { decideAlarm } from './decide-alarm.ts';
import type { Incidents } from './explain.ts';
import type { Measured } from './measure.ts';
import { AVAILABILITY, FRESHNESS_BURN } from './objectives.ts';
import { isSilent } from './rhythm.ts';
import type { Age } from './samples.ts';

/** Dedup keys of what is raised about models and sources, by name: it explains what is built from them. */
type Raised = Map<string, string>;

/** What begins and what ends with this round; sources and models first, which explain what is built from them. */
export function changesOf(
  measured: Measured,
  before: ReadonlyMap<string, AlarmRow>,
  incidents: Incidents,
  environment: string,
): readonly AlarmChange[] {
  const raised: Raised = new Map();
  const note = ({ alarm, state, subject, because, severity }: Omit<AlarmChange, 'since'>): void => {
    // A warning wakes nobody, so it explains nothing to who sleeps.
    if (state === 'raised' && severity !== 'warning' && alarm !== 'availability')
      raised.set(subject, because ?? alarmDedupKey(environment, subject, alarm));
  };
  for (const row of before.values()) note(row);
  const silences = silenceChanges(measured, before);
  for (const change of silences) note(change);
  const models = measured.ages.ages.flatMap((age) => {
    const change = modelChange(measured, age, before, incidents, raised);
    if (change !== null) note(change);
    return change ?? [];
  });
  const pipelines = measured.pipelines.flatMap(
    (pipeline) => pipelineChange(measured, pipeline, before, incidents, raised) ?? [],
  );
  return [...silences, ...models, ...pipelines, ...goneChanges(measured, before)];
}

function modelChange(
  { samples, brokenSince }: Measured,
  { model, target }: Age,
  before: ReadonlyMap<string, AlarmRow>,
  incidents: Incidents,
  raised: Raised,
): AlarmChange | null {
  const { name } = model;
  return decideAlarm(
    {
      ...{ alarm: 'freshness', subject: name, rules: FRESHNESS_BURN, target },
      counts: samples.get(name) ?? [],
      brokenSince: brokenSince.get(name) ?? null,
    },
    before.get(`freshness ${name}`) ?? null,
    incidents.explainModel(model, raised),
    incidents.isOpen,
  );
}

function pipelineChange(
  { slots, lateSlots }: Measured,
  pipeline: Schedule,
  before: ReadonlyMap<string, AlarmRow>,
  incidents: Incidents,
  raised: Raised,
): AlarmChange | null {
  const { burn: rules, target } = AVAILABILITY[pipeline];
  const late = lateSlots.get(pipeline);
  return decideAlarm(
    {
      ...{ alarm: 'availability', subject: pipeline, rules, target },
      counts: slots.get(pipeline) ?? [],
      brokenSince: late?.since ?? null,
    },
    before.get(`availability ${pipeline}`) ?? null,
    incidents.explainPipeline(pipeline, late?.models ?? [], raised),
    incidents.isOpen,
  );
}

const SILENCE_SEVERITY = { 1: 'critical', 2: 'error', 3: 'warning' } as const;

/** A silence ends with the next arrival, whatever hour it falls into. */
function silenceChanges(
  { rhythms, now }: Measured,
  before: ReadonlyMap<string, AlarmRow>,
): readonly AlarmChange[] {
  return rhythms.flatMap((rhythm): readonly AlarmChange[] => {
    const { source, lastArrival } = rhythm;
    const row = before.get(`sourceSilent ${source.name}`);
    const about = { alarm: 'sourceSilent', subject: source.name, because: null } as const;
    if (row?.state === 'raised') {
      const spoke = lastArrival !== null && lastArrival > row.since;
      return spoke ? [{ ...about, state: 'cleared', severity: row.severity, since: row.since }] : [];
    }
    const severity = SILENCE_SEVERITY[source.tier];
    return isSilent(rhythm) ? [{ ...about, state: 'raised', severity, since: lastArrival ?? now }] : [];
  });
}

/** What was raised about a model, a pipeline or a source that is no more. */
function goneChanges(
  { ages, pipelines, rhythms }: Measured,
  before: ReadonlyMap<string, AlarmRow>,
): readonly AlarmChange[] {
  const known = new Set([
    ...ages.ages.map(({ model }) => `freshness ${model.name}`),
    ...pipelines.map((pipeline) => `availability ${pipeline}`),
    ...rhythms.map(({ source }) => `sourceSilent ${source.name}`),
  ]);
  return [...before.values()]
    .filter((row) => row.state === 'raised' && !known.has(alarmName(row)))
    .map((row) => ({ ...row, state: 'cleared' }));
}
