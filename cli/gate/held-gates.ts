import type { Database } from '../../activities/databases.ts';
import { createIsRunOpen } from '../../workers/temporal.ts';
import type { Connections } from '../connect.ts';
import { Failure } from '../exit-codes.ts';

/** A gate that is held now. */
export interface HeldGate {
  readonly verdictId: string;
  readonly model: string;
  readonly gate: string;
  readonly suite: string;
  /** `error`: it could not be checked. */
  readonly outcome: string;
  readonly failed: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly workflowId: string;
}

/** Of a run that has ended the lease may still say so: nobody waits for a decision there. */
export async function heldGates({
  client,
  database,
}: Pick<Connections, 'client' | 'database'>): Promise<readonly HeldGate[]> {
  const isRunOpen = createIsRunOpen(client);
  const gates = await leasedGates(database);
  const open = await Promise.all(gates.map(({ workflowId }) => isRunOpen({ workflowId, runId: '' })));
  return gates.filter((_, index) => open[index] === true);
}

/** Gates that hold a lease, whether or not their run still waits. */
export async function leasedGates(database: Database): Promise<readonly HeldGate[]> {
  const rows = await database
    .selectFrom('control.lease as lease')
    .innerJoin('control.gate_run as run', 'run.verdict_id', 'lease.verdict_id')
    .where('lease.state', '=', 'held')
    .select(['lease.model', 'lease.since', 'lease.workflow_id', 'run.verdict_id', 'run.gate', 'run.suite'])
    .select(['run.outcome', 'run.expectations_failed', 'run.expectations_evaluated'])
    .distinctOn('lease.model')
    .orderBy('lease.model')
    .orderBy('run.evaluation_id', 'desc')
    .execute();
  return rows.map((row) => ({
    verdictId: row.verdict_id,
    model: row.model,
    gate: row.gate,
    suite: row.suite,
    outcome: row.outcome,
    failed: `${row.expectations_failed} of ${row.expectations_evaluated}`,
    since: row.since.toISOString(),
    workflowId: row.workflow_id,
  }));
}

/** @throws Failure (3) where no held gate has that verdict, or several; with what is held. */
export function findHeld(held: readonly HeldGate[], verdict: string): HeldGate {
  const [found, ...more] = held.filter(({ verdictId }) => verdictId.startsWith(verdict));
  if (found && more.length === 0) return found;
  const problem = found
    ? `${verdict} fits ${more.length + 1} held gates`
    : `no held gate has verdict ${verdict}`;
  throw new Failure(
    `${problem}. ${held.length === 0 ? 'None is held now.' : `Held now:\n${listText(held).trimEnd()}`}`,
  );
}

/** What is held, for people. */
export function listText(held: readonly HeldGate[]): string {
  if (held.length === 0) return 'no gate is held\n';
  return held
    .map(
      (gate) =>
        `${gate.model} · ${gate.gate} gate, suite ${gate.suite} · ${foundWords(gate)} · since ${gate.since}\n` +
        `  run ${gate.workflowId}\n  verdict ${gate.verdictId}\n`,
    )
    .join('');
}

/** What a held gate found: `4 of 8 promises broken`. */
export function foundWords({ outcome, failed }: Pick<HeldGate, 'outcome' | 'failed'>): string {
  return outcome === 'error' ? 'could not be checked' : `${failed} promises broken`;
}
