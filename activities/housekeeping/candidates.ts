import { sql } from 'kysely';
import type { Database } from '../databases.ts';
import { dropCandidates } from '../end-load.ts';
import type { Chore } from './chore.ts';
import { readRunState } from './run-state.ts';

/** How long the candidate of a run stays whose hold expired, counted from when it was staged. */
const KEPT_DAYS = 7;

/** A table of the schema `candidate`, and the load that would publish it; null: none would. */
interface Candidate {
  readonly name: string;
  readonly load_id: number | null;
  readonly workflow_id: string | null;
  readonly old: boolean;
}

/**
 * Drops candidates that nothing will publish: of loads that have ended, left over where somebody was killed between
 * that and the drop, and of runs whose hold expired a week ago. A reset of such a run stages its recorded window again.
 */
export const dropLeftCandidates: Chore = async ({ databases: { loader }, client, dryRun, signal }) => {
  const [done, left]: [string[], string[]] = [[], []];
  for (const { name, load_id: loadId, workflow_id: workflowId, old } of await readCandidates(loader)) {
    signal.throwIfAborted();
    if (loadId !== null && (!old || workflowId === null)) continue;
    if (workflowId !== null && (await readRunState(client, { workflowId })) === 'open') continue;
    const whose =
      loadId === null ? 'no open load has it' : `load ${loadId} of ${workflowId} was held for too long`;
    if (dryRun) {
      done.push(`candidate.${name}: would drop it, ${whose}`);
      continue;
    }
    await dropCandidates(loader, [name]);
    if (await isThere(loader, name)) left.push(`candidate.${name}: somebody reads it`);
    else done.push(`candidate.${name}: dropped, ${whose}`);
  }
  return { done, left, warnings: [] };
};

/** One statement, so one picture: a stage makes its candidate and notes it in the ledger in one transaction. */
async function readCandidates(loader: Database): Promise<readonly Candidate[]> {
  const { rows } = await sql<Candidate>`
    select c.relname as name, l.load_id, l.workflow_id,
      coalesce(l.staged_at < pg_catalog.now() - make_interval(days => ${KEPT_DAYS}::int), false) as old
    from pg_catalog.pg_class as c
    left join control.load as l on l.candidate = c.relname and l.state in ('open', 'staged')
    where c.relnamespace = 'candidate'::regnamespace and c.relkind = 'r' and c.relname ~ '_[0-9]+_[0-9]+$'
    order by c.relname`.execute(loader);
  return rows;
}

async function isThere(loader: Database, name: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select to_regclass(format('candidate.%I', ${name}::text)) is not null as there`.execute(loader);
  return rows[0]?.there === true;
}
