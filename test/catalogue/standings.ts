import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../../activities/databases.ts';
import { readRepository, type RepositoryFolders } from '../../activities/repository.ts';
import type { Site } from '../../catalogue/site.ts';
import { folders } from '../activities/shop.ts';

/** A look at a database, as the catalogue's pages are made from it. */
export async function look(
  database: Database,
  at: string,
  files: RepositoryFolders = folders,
): Promise<Site> {
  return {
    database,
    repository: await readRepository(files),
    at: new Date(at),
    environment: 'test',
    links: { temporalUi: null, namespace: 'test', repositoryUrl: null },
  };
}

/** A verdict of a gate. @returns its id. */
export async function judged(
  admin: Database,
  of: { model: string; gate?: 'input' | 'output'; suite?: string; outcome?: string; at: string },
): Promise<string> {
  const { model, gate = 'output', suite = model, outcome = 'pass', at } = of;
  const verdictId = randomUUID();
  await sql`
    insert into control.gate_run (verdict_id, model, gate, suite, suite_hash, outcome, expectations_evaluated,
      expectations_failed, as_of, workflow_id, run_id, evaluated_at)
    values (${verdictId}, ${model}, ${gate}, ${suite}, 'h', ${outcome}, 8, ${outcome === 'pass' ? 0 : 4}, ${at},
      'hourly-1', 'r', ${at})`.execute(admin);
  return verdictId;
}

/** A model that a run holds at its input gate. @returns the verdict that holds it. */
export async function heldAt(
  admin: Database,
  model: string,
  since: string,
  { state = 'held', outcome = 'fail' }: { state?: 'held' | 'expired'; outcome?: 'fail' | 'error' } = {},
): Promise<string> {
  const verdictId = await judged(admin, { model, gate: 'input', suite: 'transactions', outcome, at: since });
  await sql`
    insert into control.lease (model, workflow_id, run_id, state, verdict_id, since)
    values (${model}, 'hourly-1', 'r', ${state}, ${verdictId}, ${since})`.execute(admin);
  return verdictId;
}

/** An incident that is open of a model or source. */
export async function incident(
  admin: Database,
  of: { relation: string; kind?: string; since: string; summary?: string; environment?: string },
): Promise<void> {
  const { relation, kind = 'runFailed', since, summary = 'a run failed', environment = 'test' } = of;
  await sql`
    insert into control.incident (dedup_key, state, kind, relation, workflow_id, opened_at, summary)
    values (${`weir/${environment}/${relation}/${kind}`}, 'open', ${kind}, ${relation}, 'w', ${since}, ${summary})`.execute(
    admin,
  );
}
