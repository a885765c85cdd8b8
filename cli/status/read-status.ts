import type { Client } from '@temporalio/client';
import type { Database } from '../../activities/databases.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import { schedulesOf } from '../../workers/schedules.ts';
import { heldGates, leasedGates, type HeldGate } from '../gate/held-gates.ts';
import { readFreshness, type ModelFreshness } from '../../activities/sample/freshness.ts';
import {
  countQuarantined,
  readLastLoads,
  readLastVerdicts,
  readOpenIncidents,
  type LastLoad,
  type LastVerdict,
  type OpenIncident,
} from './loads.ts';
import { readBurning, type Burning } from './burning.ts';
import { readNextRuns, type NextRun } from './next-runs.ts';

/** Where one model stands. */
export interface ModelStatus extends ModelFreshness {
  readonly pipeline: string;
  readonly lastLoad: LastLoad | null;
  readonly lastVerdict: LastVerdict | null;
  /** Rows that wait in quarantine. */
  readonly quarantined: number;
}

/** Where everything stands, as `weir status --json` prints it. */
export interface Status {
  /** By the clock of the database, ISO 8601, UTC; ages are measured from it. */
  readonly at: string;
  readonly models: readonly ModelStatus[];
  /** Records that wait in quarantine, by source: they never became rows. */
  readonly sources: Readonly<Record<string, number>>;
  readonly held: readonly HeldGate[];
  readonly incidents: readonly OpenIncident[];
  /** Objectives of models and pipelines, and sources, that on-call is told of. */
  readonly burning: readonly Burning[];
  /** Null where Temporal does not answer. */
  readonly nextRuns: readonly NextRun[] | null;
}

/**
 * Reads where everything stands.
 *
 * @param client null where Temporal does not answer: what only it knows is left out then, and of the held gates nobody
 *   knows whether their run still waits.
 */
export async function readStatus(
  { database, client, graph }: { database: Database; client: Client | null; graph: Graph },
  pipeline: string | null,
): Promise<Status> {
  const { now, models } = await readFreshness(database, graph);
  const [loads, verdicts, quarantined, incidents, burning] = [
    await readLastLoads(database),
    await readLastVerdicts(database),
    await countQuarantined(database),
    await readOpenIncidents(database),
    await readBurning(database),
  ];
  const held = client === null ? await leasedGates(database) : await heldGates({ client, database });
  const chosen = graph.models.filter(({ schedule }) => pipeline === null || schedule === pipeline);
  const names = new Set(chosen.map(({ name }) => name));
  const sources = chosen.filter((model) => !isPublished(model)).map(({ name }) => name);
  return {
    at: now.toISOString(),
    models: models
      .filter(({ model }) => names.has(model))
      .map((one) => ({
        ...one,
        pipeline: graph.byName.get(one.model)?.schedule ?? '',
        lastLoad: loads.get(one.model) ?? null,
        lastVerdict: verdicts.get(one.model) ?? null,
        quarantined: quarantined.get(one.model) ?? 0,
      })),
    sources: Object.fromEntries(
      sources.flatMap((name) => (quarantined.has(name) ? [[name, quarantined.get(name) ?? 0]] : [])),
    ),
    held: held.filter(({ model }) => names.has(model)),
    incidents: incidents.filter(({ model }) => model === null || names.has(model)),
    burning: burning.filter(({ subject }) => pipeline === null || subject === pipeline || names.has(subject)),
    nextRuns:
      client === null
        ? null
        : await readNextRuns(client, schedulesOf(graph.models), pipeline === null ? '' : `${pipeline}-`),
  };
}
