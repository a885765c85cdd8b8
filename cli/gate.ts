import os from 'node:os';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { defineCommand } from 'citty';
import type { Database } from '../activities/databases.ts';
import { decisionUpdates, type DecisionName } from '../workflows/decisions.ts';
import { createIsRunOpen } from '../workers/temporal.ts';
import { answer } from './answer.ts';
import { withConnections, type Connections } from './connect.ts';
import { exitCodes, exitsWith, Failure, type ExitCode } from './exit-codes.ts';

/** A gate that is held now. */
interface HeldGate {
  readonly verdictId: string;
  readonly model: string;
  readonly gate: string;
  readonly suite: string;
  /** `error`: it could not be checked. */
  readonly outcome: string;
  readonly failed: string;
  readonly since: string;
  readonly workflowId: string;
}

const list = defineCommand({
  meta: {
    name: 'list',
    description:
      'The gates that are held now. Example: weir gate list --json Exit codes: 0 none is held, 1 one is, 3 could not run.',
  },
  args: { json: { type: 'boolean', description: 'print as JSON' } },
  run: exitsWith(
    async ({ args }): Promise<ExitCode> =>
      await withConnections(async (connections) => {
        const held = await heldGates(connections);
        answer(args.json, held, () => listText(held));
        return held.length > 0 ? exitCodes.gateFailed : exitCodes.done;
      }),
  ),
});

/** `weir gate`: what is held, and the decisions about it. */
export default defineCommand({
  meta: { name: 'gate', description: 'Held gates: see them, and decide.' },
  subCommands: {
    list,
    rows: async () => (await import('./gate-rows.ts')).default,
    retry: decisionCommand(
      'retry',
      'retryGate',
      'Check the same rows again, with the parameters as they are now.',
    ),
    reload: decisionCommand(
      'reload',
      'reloadAndRetry',
      'Extract and stage again from the same watermark, then check.',
    ),
    override: decisionCommand('override', 'overrideGate', 'Publish the batch although it failed.'),
    quarantine: decisionCommand(
      'quarantine',
      'quarantineAndContinue',
      'Set the rows aside that break a promise, check the rest, and publish it when it passes.',
    ),
    abandon: decisionCommand('abandon', 'abandon', 'Give the batch up; the next run meets the rows again.'),
  },
});

function decisionCommand(verb: string, decision: DecisionName, description: string) {
  return defineCommand({
    meta: { name: verb, description: `${description} Example: weir gate ${verb} VERDICT --reason "why"` },
    args: {
      verdict: { type: 'positional', required: true, description: 'the verdict id, or its first letters' },
      reason: {
        type: 'string',
        required: true,
        description: 'why, for the audit log; an override needs 15 letters',
      },
      by: { type: 'string', description: 'who decides; default: the user of this shell' },
    },
    run: exitsWith(
      async ({ args }): Promise<ExitCode> =>
        await withConnections(async (connections) => {
          const { client, namespace, settings } = connections;
          const gate = findHeld(await heldGates(connections), args.verdict);
          const by = args.by ?? os.userInfo().username;
          try {
            const accepted = await client.workflow
              .getHandle(gate.workflowId)
              .executeUpdate(decisionUpdates[decision], {
                args: [{ verdictId: gate.verdictId, reason: args.reason, by }],
              });
            process.stdout.write(
              `${accepted.accepted} accepted for ${accepted.model} (${gate.workflowId})\n`,
            );
            const link = `${settings.temporalUiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(gate.workflowId)}`;
            process.stderr.write(`what comes of it: ${link}, or weir gate list\n`);
          } catch (error) {
            if (error instanceof WorkflowUpdateFailedError)
              throw new Failure(error.cause?.message ?? error.message);
            throw error;
          }
          return exitCodes.done;
        }),
    ),
  });
}

/** Of a run that has ended the lease may still say so: nobody waits for a decision there. */
async function heldGates({
  client,
  database,
}: Pick<Connections, 'client' | 'database'>): Promise<HeldGate[]> {
  const isRunOpen = createIsRunOpen(client);
  const gates = await leasedGates(database);
  const open = await Promise.all(gates.map(({ workflowId }) => isRunOpen({ workflowId, runId: '' })));
  return gates.filter((_, index) => open[index] === true);
}

async function leasedGates(database: Database): Promise<HeldGate[]> {
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

function findHeld(held: readonly HeldGate[], verdict: string): HeldGate {
  const [found, ...more] = held.filter(({ verdictId }) => verdictId.startsWith(verdict));
  if (found && more.length === 0) return found;
  const problem = found
    ? `${verdict} fits ${more.length + 1} held gates`
    : `no held gate has verdict ${verdict}`;
  throw new Failure(`${problem}.\n${listText(held)}`);
}

function listText(held: readonly HeldGate[]): string {
  if (held.length === 0) return 'no gate is held\n';
  return held
    .map(
      (gate) =>
        `${gate.model} · ${gate.gate} gate, suite ${gate.suite} · ${foundWords(gate)} · since ${gate.since}\n` +
        `  run ${gate.workflowId}\n  verdict ${gate.verdictId}\n`,
    )
    .join('');
}

function foundWords({ outcome, failed }: HeldGate): string {
  return outcome === 'error' ? 'could not be checked' : `${failed} promises broken`;
}
