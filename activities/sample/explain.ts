import { sql } from 'kysely';
import type { Graph } from '../../models/graph.ts';
import { isSource } from '../../models/model.ts';
import type { PublishedModel } from '../../models/model.ts';
import type { Database } from '../databases.ts';
import { alarmDedupKey, runDedupKey } from '../page/dedup-key.ts';
import { builtFrom } from './late-facts.ts';
import { AVAILABILITY } from './objectives.ts';

/** Minutes that what an incident explained has to mend once that has ended: the rows still have to be published. */
const MENDS_WITHIN_MINUTES = 5;

/** The incidents that may explain why a promise about time is broken. */
export interface Incidents {
  /** Whether an incident is open, or ended so lately that what it explained may still mend. */
  isOpen(dedupKey: string): boolean;
  /** The dedup key of what explains that a model is too old; null: nothing that on-call knows of. */
  explainModel(model: PublishedModel, raised: ReadonlyMap<string, string>): string | null;
  /** The same for intervals of a pipeline that came late because these models did. */
  explainPipeline(
    pipeline: PublishedModel['schedule'],
    models: readonly string[],
    raised: ReadonlyMap<string, string>,
  ): string | null;
}

interface Row {
  readonly key: string;
  readonly model: string | null;
  readonly kind: string;
  readonly open: boolean;
}

/** Reads the incidents of the moment. @param environment as dedup keys name this installation. */
export async function readIncidents(db: Database, graph: Graph, environment: string): Promise<Incidents> {
  const { rows } = await sql<Row>`
    select dedup_key as key, model, kind, state = 'open' as open from control.incident
    where state = 'open' or resolved_at > pg_catalog.clock_timestamp() - make_interval(mins => ${MENDS_WITHIN_MINUTES}::int)
    order by opened_at`.execute(db);
  const recent = new Set(rows.map(({ key }) => key));
  const open = new Set(rows.flatMap((row) => (row.open ? [row.key] : [])));
  const held = new Map(
    rows.flatMap(({ key, model, kind, open: isOpen }) =>
      isOpen && kind === 'gateHeld' && model !== null ? [[model, key]] : [],
    ),
  );
  const ofModels = (names: readonly string[], raised: ReadonlyMap<string, string>): string | null => {
    const below = names.flatMap((name) => builtFrom(graph, name));
    const silent = below
      .filter((name) => isSourceOf(graph, name))
      .map((name) => alarmDedupKey(environment, name, 'sourceSilent'));
    return (
      below.flatMap((name) => held.get(name) ?? [])[0] ??
      silent.find((key) => open.has(key)) ??
      below.flatMap((name) => (names.includes(name) ? [] : (raised.get(name) ?? [])))[0] ??
      null
    );
  };
  const ofRuns = (pipeline: PublishedModel['schedule']): string | null => {
    const { scheduleId } = AVAILABILITY[pipeline];
    const keys = [
      runDedupKey(environment, pipeline),
      alarmDedupKey(environment, scheduleId, 'scheduleMissed'),
    ];
    return keys.find((key) => open.has(key)) ?? null;
  };
  return {
    isOpen: (key) => recent.has(key),
    explainModel: ({ name, schedule }, raised) => ofModels([name], raised) ?? ofRuns(schedule),
    explainPipeline: (pipeline, models, raised) =>
      ofModels(models, raised) ??
      ofRuns(pipeline) ??
      models.flatMap((name) => raised.get(name) ?? [])[0] ??
      null,
  };
}

function isSourceOf(graph: Graph, name: string): boolean {
  const model = graph.byName.get(name);
  return model !== undefined && isSource(model);
}
