import { sql } from 'kysely';
import { hashOf } from '../../activities/gate/gate-result.ts';
import { promiseColumns, promiseKeys } from '../../activities/gate/promise-keys.ts';
import type { Database } from '../../activities/databases.ts';
import type { Repository } from '../../activities/repository.ts';
import { isPublished } from '../../models/model.ts';
import { fillBooks } from './year/books.ts';
import { fillLoads } from './year/loads.ts';
import { fillObjectives } from './year/objectives.ts';
import { fillPromises } from './year/promises.ts';
import { fillResults } from './year/results.ts';

/** How much of a past to make. */
export interface YearOptions {
  /** On one connection as the administrator. */
  readonly admin: Database;
  readonly repository: Repository;
  readonly days: number;
  /** Full results that are still kept, of the last evaluations. */
  readonly results: number;
  readonly onProgress: (line: string) => void;
}

/** What was made. */
export interface Year {
  readonly evaluations: number;
  readonly promiseResults: number;
}

/**
 * Makes the books of a year in which every hour each model was loaded and each gate asked, in SQL and always the same but for
 * the clock: some gates failed, somebody decided, on-call was told, and in the last hour one gate holds its model.
 */
export async function fillYear({ admin, repository, days, results, onProgress }: YearOptions): Promise<Year> {
  // It is made again rather than mended, and sorts as much as the machine takes.
  await sql`set synchronous_commit = off`.execute(admin);
  await sql`set work_mem = '512MB'`.execute(admin);
  await placeModels(admin, repository, days);
  for (const [what, fill] of [
    ['loads and gate runs', fillLoads],
    ['what became of each promise', fillPromises],
    ['objectives', fillObjectives],
    ['landings, incidents, decisions', fillBooks],
  ] as const) {
    onProgress(`${what} of ${days} days`);
    await fill(admin);
  }
  await fillResults(admin, results);
  onProgress('vacuum and statistics');
  await sql`drop schema bench cascade`.execute(admin);
  await sql`vacuum analyze`.execute(admin);
  const { rows } = await sql<Year>`
    select (select count(*) from control.gate_run) as evaluations,
      (select count(*) from control.promise_result) as "promiseResults"`.execute(admin);
  return rows[0] ?? { evaluations: 0, promiseResults: 0 };
}

/** Models, gates and promises as rows, and the hours: what everything else is made of. */
async function placeModels(admin: Database, { models, suites }: Repository, days: number): Promise<void> {
  const published = models.filter(isPublished);
  const gates = published.flatMap(({ name, schedule, gates: asked }) =>
    (['input', 'output'] as const).flatMap((gate) => {
      const suite = asked[gate]?.suite;
      return suite === undefined ? [] : [{ model: name, schedule, gate, suite }];
    }),
  );
  const promises = gates.flatMap(({ model, gate, suite }) => {
    const asked = suites.get(suite)?.expectations ?? [];
    const keys = promiseKeys(asked);
    return asked.map((one) => ({
      ...{ model, gate, suite, key: keys[one.index] ?? '', place: one.index, type: one.kind.type },
      ...{ column_name: promiseColumns(one), severity: one.severity, row_level: one.kind.rowLevel },
    }));
  });
  const text = JSON.stringify({
    model: published.map(({ name, schedule, freshness }, no) => ({
      ...{ no, model: name, schedule, objective: freshness?.objectiveSeconds ?? null },
      reads: repositoryReads(models, name),
    })),
    gate: gates.map((one, no) => ({ no, ...one, hash: hashOf(suites.get(one.suite)?.text ?? '') })),
    promise: promises,
    source: models.filter(({ kind }) => kind === 'source').map(({ name }) => ({ source: name })),
  });
  await sql`drop schema if exists bench cascade`.execute(admin);
  await sql`create schema bench`.execute(admin);
  await sql`create table bench.model as select * from jsonb_to_recordset(${text}::jsonb -> 'model')
    as m (no int, model text, schedule text, objective float8, reads text)`.execute(admin);
  await sql`create table bench.gate as select * from jsonb_to_recordset(${text}::jsonb -> 'gate')
    as g (no int, model text, schedule text, gate text, suite text, hash text)`.execute(admin);
  await sql`create table bench.promise as select * from jsonb_to_recordset(${text}::jsonb -> 'promise')
    as p (model text, gate text, suite text, key text, place int, type text, column_name text, severity text, row_level boolean)`.execute(
    admin,
  );
  await sql`create table bench.source as select * from jsonb_to_recordset(${text}::jsonb -> 'source')
    as s (source text)`.execute(admin);
  // The last hour has just been loaded.
  await sql`create table bench.slot as
    select no::int, date_trunc('hour', now()) - (${days * 24} - no) * interval '1 hour' as starts,
      date_trunc('hour', now()) - (${days * 24} - no - 1) * interval '1 hour' - interval '56 minutes' as loaded
    from generate_series(0, ${days * 24} - 1) as no`.execute(admin);
  await sql`analyze bench.model, bench.gate, bench.promise, bench.slot`.execute(admin);
}

function repositoryReads(models: Repository['models'], name: string): string {
  const model = models.find((one) => one.name === name);
  return model !== undefined && isPublished(model) && model.shape.kind === 'map' ? model.shape.delta : '';
}
