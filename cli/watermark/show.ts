import { sql } from 'kysely';
import { defineCommand } from 'citty';
import type { Database } from '../../activities/databases.ts';
import { applyWindow } from '../../activities/load-window.ts';
import { readGraph } from '../../activities/repository.ts';
import { takeSnapshot } from '../../activities/snapshot.ts';
import type { TakenSnapshot } from '../../activities/snapshot.ts';
import { grouped } from '../../expectations/measured.ts';
import { didYouMean } from '../../expectations/suggestion.ts';
import { deltasOf } from '../../models/deltas.ts';
import type { Graph } from '../../models/graph.ts';
import { isPublished } from '../../models/model.ts';
import { deltaOf } from '../../models/statements/stage.ts';
import { answer } from '../answer.ts';
import { cliFolders, withDatabase } from '../connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from '../exit-codes.ts';

/** What has been published of one delta. */
interface Shown {
  readonly model: string;
  readonly relation: string;
  /** `xmin:xmax:xip_list`; null as all that follows where nothing was published yet. */
  readonly snapshot: string | null;
  readonly loadId: number | null;
  /** ISO 8601, UTC. */
  readonly movedAt: string | null;
  readonly systemIdentifier: string | null;
  readonly timeline: number | null;
  /** Whether it is of this database as it is now; if not, loads stop. */
  readonly here: boolean;
  /** Rows that are beyond it; null where that cannot be told. */
  readonly waiting: number | null;
}

/** `weir watermark show`. */
export default defineCommand({
  meta: {
    name: 'show',
    description:
      'Of each model and relation: the snapshot that has been published, by which load and when, and about how many rows wait beyond it. Example: weir watermark show fct_daily_sales Exit codes: 0 done, 2 one is of another database, 3 could not run.',
  },
  args: {
    model: { type: 'positional', required: false, description: 'only this one' },
    json: { type: 'boolean', description: 'print as JSON' },
  },
  run: exitsWith(async ({ args }): Promise<ExitCode> => {
    const graph = await readGraph(cliFolders());
    const names = graph.models.filter(isPublished).map(({ name }) => name);
    if (args.model !== undefined && !names.includes(args.model))
      throw new Failure(`there is no model ${args.model}. ${didYouMean(args.model, names)}`.trim());
    const shown = await withDatabase('weir watermark show', (database) =>
      readWatermarks(database, graph, args.model ?? null),
    );
    answer(args.json, shown, () => shown.map(lines).join(''));
    return shown.every(({ here }) => here) ? exitCodes.done : exitCodes.warned;
  }),
});

async function readWatermarks(
  database: Database,
  graph: Graph,
  only: string | null,
): Promise<readonly Shown[]> {
  const here = await takeSnapshot(database);
  const rows = await database.selectFrom('control.watermark').selectAll().execute();
  const shown: Shown[] = [];
  for (const { name, shape } of graph.models.filter(isPublished)) {
    if (only !== null && name !== only) continue;
    for (const relation of deltasOf(shape)) {
      const row = rows.find((one) => one.model === name && one.relation === relation);
      const ours =
        row === undefined ||
        (row.system_identifier === here.systemIdentifier && row.timeline === here.timeline);
      shown.push({
        model: name,
        relation,
        snapshot: row?.snapshot ?? null,
        loadId: row?.load_id ?? null,
        movedAt: row?.moved_at.toISOString() ?? null,
        systemIdentifier: row?.system_identifier ?? null,
        timeline: row?.timeline ?? null,
        here: ours,
        waiting: ours ? await countBeyond(database, relation, row?.snapshot ?? null, here) : null,
      });
    }
  }
  return shown;
}

async function countBeyond(
  database: Database,
  relation: string,
  from: string | null,
  { snapshot }: TakenSnapshot,
): Promise<number> {
  return database.transaction().execute(async (trx) => {
    const deltas = { [relation]: { from, to: snapshot } };
    await applyWindow(trx, { kind: 'arrival', deltas }, new Date(0).toISOString());
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${deltaOf(relation)}`.execute(
      trx,
    );
    return rows[0]?.rows ?? 0;
  });
}

function lines(one: Shown): string {
  const { model, relation, snapshot, loadId, movedAt, waiting, here, systemIdentifier, timeline } = one;
  const rows = waiting === null ? '' : `${grouped(waiting)} ${waiting === 1 ? 'row waits' : 'rows wait'}`;
  if (snapshot === null) return `${model} · ${relation} · nothing published yet, ${rows}\n`;
  const origin = here
    ? ''
    : `  from system ${systemIdentifier}, timeline ${timeline}, which this database is not: weir watermark adopt\n`;
  return (
    `${model} · ${relation} · ${[`load ${loadId}`, movedAt, rows].filter(Boolean).join(' · ')}\n` +
    `  ${snapshot}\n${origin}`
  );
}
