import { sql } from 'kysely';
import type { Gate, Outcome } from '../expectations/verdict.ts';
import type { PublishedModel } from '../models/model.ts';
import type { DatabaseTransaction } from './databases.ts';
import type { LoadRow } from './load.ts';
import { staleAttempt } from './load.ts';

/** The last word of a gate about what is to be published. */
interface LastVerdict {
  readonly gate: Gate;
  readonly verdict_id: string;
  readonly outcome: Outcome;
  /** Null where an earlier version judged, which held what failed. */
  readonly blocks: boolean | null;
  /** Whether the audit log has an override of this verdict. */
  readonly overridden: boolean;
}

const gates = ['input', 'output'] as const satisfies readonly Gate[];

/**
 * Requires of each gate that the model names a verdict about this very load, at the output of this very candidate, that
 * lets it through: by passing, or because somebody has answered for it by name in the audit log and the run says so too.
 * Whoever calls publish is not taken at his word. An empty window is not gated.
 *
 * A gate that came into the header after the run was planned has no verdict either: a new run asks it.
 *
 * @throws ApplicationFailure `StaleAttempt` (not retryable).
 */
export async function requireVerdicts(
  trx: DatabaseTransaction,
  model: PublishedModel,
  load: LoadRow,
  isOverride: boolean,
): Promise<void> {
  if (load.isEmpty) return;
  const found = new Map((await lastVerdicts(trx, load)).map((verdict) => [verdict.gate, verdict]));
  for (const gate of gates) {
    const suite = model.gates[gate]?.suite;
    if (suite === undefined) continue;
    const what = `Publishing load ${load.loadId} of ${model.name} was refused: its ${gate} gate (suite ${suite})`;
    const verdict = found.get(gate);
    if (verdict === undefined) {
      const about = gate === 'input' ? 'this load' : `stage attempt ${load.attempt}`;
      throw staleAttempt(
        `${what} has given no verdict about ${about}. A new run asks it and takes the rows.`,
      );
    }
    const { verdict_id: verdictId, outcome } = verdict;
    if (!blocks(verdict) || (verdict.overridden && isOverride)) continue;
    throw staleAttempt(
      `${what} said ${outcome}, verdict ${verdictId}, and nobody has answered for it by name. The next run meets the rows again.`,
    );
  }
}

function blocks({ blocks: said, outcome }: LastVerdict): boolean {
  return said ?? (outcome === 'fail' || outcome === 'error');
}

/** What an earlier version judged says no attempt: it was after the stage that it was asked. */
async function lastVerdicts(trx: DatabaseTransaction, { loadId }: LoadRow): Promise<readonly LastVerdict[]> {
  const { rows } = await sql<LastVerdict>`
    select distinct on (run.gate) run.gate, run.verdict_id, run.outcome, run.blocks, exists (
        select from control.decision as said
        where said.verdict_id = run.verdict_id and said.decision = 'overrideGate'
      ) as overridden
    from control.gate_run as run join control.load as load on load.load_id = run.load_id
    where run.load_id = ${loadId} and (
      run.gate = 'input' or run.attempt = load.attempt
      or run.attempt is null and run.evaluated_at >= load.staged_at
    )
    order by run.gate, run.evaluation_id desc`.execute(trx);
  return rows;
}
