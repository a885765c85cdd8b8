import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import type { AlarmPage } from '../page/page-input.ts';
import type { SampleDeps, SampleInput, SampleResult } from '../sample.ts';
import { changesOf } from './alarm-changes.ts';
import { availabilityPage, freshnessPage, gonePage, silencePage } from './alarm-pages.ts';
import {
  alarmName,
  changeAlarms,
  forgetOthers,
  noteTold,
  readAlarms,
  readStandings,
  type AlarmRow,
  type Standing,
} from './alarm-rows.ts';
import { readIncidents } from './explain.ts';
import { objectiveLines } from './lines.ts';
import { measure, type Measured } from './measure.ts';

/**
 * One round: measures every objective, keeps what it found, decides what begins to burn and what has ended to, and gives
 * what on-call has not been told yet. In one transaction and one after the other, so that a round that is done twice, or
 * by two monitors, tells a thing once.
 */
export async function sampleRound(
  deps: SampleDeps,
  graph: Graph,
  { told = [], at }: SampleInput,
): Promise<SampleResult> {
  return await deps.databases.loader.transaction().execute(async (trx) => {
    await sql`select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('weir.objectives', 0))`.execute(
      trx,
    );
    await noteTold(trx, told);
    const measured = await measure(trx, deps, graph, at ?? null);
    const { ages, pipelines, rhythms } = measured;
    await forgetOthers(trx, {
      freshness: ages.ages.map(({ model }) => model.name),
      availability: pipelines,
      sourceSilent: rhythms.map(({ source }) => source.name),
    });
    const before = await readAlarms(trx);
    const incidents = await readIncidents(trx, graph, deps.environment);
    await changeAlarms(trx, changesOf(measured, before, incidents, deps.environment));
    const alarms = await readAlarms(trx);
    const standings = await readStandings(trx);
    const news = [...alarms.values()].filter((row) => !row.told);
    return {
      pages: news.map((row) => pageFor(row, measured, standings)),
      pageIds: news.map(({ alarmId }) => alarmId),
      lines: objectiveLines({ ...measured, standings, alarms }),
    };
  });
}

function pageFor(
  row: AlarmRow,
  { graph, ages, stations, samples, lateSlots, rhythms }: Measured,
  standings: ReadonlyMap<string, Standing>,
): AlarmPage {
  const standing = standings.get(alarmName(row)) ?? null;
  if (row.alarm === 'freshness') {
    const age = ages.ages.find(({ model }) => model.name === row.subject);
    if (age === undefined) return gonePage(row);
    const station = stations.get(row.subject) ?? null;
    return freshnessPage(row, { age, graph, station, standing, counts: samples.get(row.subject) ?? [] });
  }
  if (row.alarm === 'availability') {
    const late = lateSlots.get(row.subject);
    return late === undefined ? gonePage(row) : availabilityPage(row, { late, graph, standing });
  }
  const rhythm = rhythms.find(({ source }) => source.name === row.subject);
  return rhythm === undefined ? gonePage(row) : silencePage(row, rhythm, graph);
}
