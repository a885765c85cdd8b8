import os from 'node:os';
import { defineCommand } from 'citty';
import type { DecisionName } from '../workflows/decisions.ts';
import { answer } from './answer.ts';
import { withConnections } from './connect.ts';
import { exitCodes, exitsWith, type ExitCode } from './exit-codes.ts';
import { decide } from './gate/decide.ts';
import { heldGates, listText } from './gate/held-gates.ts';

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
  meta: {
    name: 'gate',
    description:
      'Held gates: see them, and decide. Example: weir gate list Exit codes: those of the verbs below.',
  },
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
    meta: {
      name: verb,
      description: `${description} Example: weir gate ${verb} VERDICT --reason "why" Exit codes: 0 accepted, 3 refused or could not run.`,
    },
    args: {
      verdict: { type: 'positional', required: true, description: 'the verdict id, or its first letters' },
      reason: {
        type: 'string',
        required: true,
        description: 'why, for the audit log; an override needs 15 letters',
      },
      by: { type: 'string', description: 'who decides; default: the user of this shell' },
      json: { type: 'boolean', description: 'print what was accepted as JSON' },
    },
    run: exitsWith(
      async ({ args: { verdict, reason, by = os.userInfo().username, json } }): Promise<ExitCode> =>
        await withConnections((connections) =>
          decide(connections, decision, { verdict, reason, by, json: json === true }),
        ),
    ),
  });
}
