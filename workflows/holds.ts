import { allHandlersFinished, condition, setHandler } from '@temporalio/workflow';
import type { Looked } from '../activities/look.ts';
import { orderedQuarantine, type Gate, type Verdict } from '../expectations/verdict.ts';
import {
  checkDecisionInput,
  DECISIONS,
  decisionPending,
  decisionUpdates,
  notRows,
  refusePersonal,
  refuseUnfilled,
  staleDecision,
  type Decision,
  type DecisionAccepted,
  type DecisionInput,
  type DecisionName,
} from './decisions.ts';
import { summaryOf } from './progress/text.ts';

/** A gate that waits for a person. */
export interface Hold {
  readonly verdict: Verdict;
  readonly resetEventId: number;
  /** Epoch milliseconds, by the workflow's clock. */
  readonly heldSince: number;
  readonly heldUntil: number;
  /** Why nothing was set aside unasked although all that blocks says so; null where that is not the case. */
  readonly refused: string | null;
  /** How often the run has looked again by itself before, and what the last look found; see `Standing`. */
  readonly standing: Standing;
  decision: Decision | null;
  /** What the run has found by itself to have changed. A decision comes before it. */
  looked: Looked | null;
}

/**
 * What outlives one verdict of a hold. Where the run looks again by itself the hold goes on, over a reload too: its
 * deadline stays, and nobody is paged again for what they know.
 */
export interface Standing {
  readonly gate: Gate;
  /** The verdict before; null where the gate has not been asked. */
  previous: Verdict | null;
  /** Epoch milliseconds; null where it is not held yet. */
  heldSince: number | null;
  /** The verdict that on-call was told of last. */
  paged: string | null;
  looks: number;
  /** What the looks have found delivered, for the next one. */
  seen: readonly string[];
  /** What had changed, for the gate that is asked because of it; null where a person or the walk asks. */
  because: string | null;
  /** Decided while another run had the model: carried out when the same verdict stands again. */
  waiting: Decision | null;
  /** How often the model was given to another run. */
  turns: number;
  /** Since when it is another run's, epoch milliseconds; null where it is not. */
  awaySince: number | null;
  /** How long it was: time in which nobody could decide is none of the hold's. */
  awayMs: number;
}

/** A gate that the walk comes to. */
export function newStanding(gate: Gate): Standing {
  const none = {
    previous: null,
    heldSince: null,
    paged: null,
    because: null,
    waiting: null,
    awaySince: null,
  };
  return { gate, ...none, looks: 0, seen: [], turns: 0, awayMs: 0 };
}

/** The gates of one run that are held now, by model. Several branches may be held at once. */
export type Holds = Map<string, Hold>;

/**
 * Takes decisions for whatever this run holds. Installed before the run's first await, so that an update that was
 * sent early finds its handler.
 */
export function takeDecisions(holds: Holds): void {
  for (const name of Object.keys(DECISIONS) as DecisionName[]) {
    setHandler(
      decisionUpdates[name],
      (input: DecisionInput): DecisionAccepted => {
        const checked = checkDecisionInput(name, input);
        const hold = findHold(holds, name, checked);
        hold.decision = { ...checked, name, by: checked.by ?? 'someone in the Temporal UI' };
        return { accepted: name, model: hold.verdict.model, gate: hold.verdict.gate };
      },
      {
        description: DECISIONS[name],
        validator: (input: DecisionInput): void => {
          const checked = checkDecisionInput(name, input);
          findHold(holds, name, checked);
          refuseUnfilled(name, checked);
          refusePersonal(name, checked);
        },
      },
    );
  }
}

function findHold(holds: Holds, name: DecisionName, input: DecisionInput): Hold {
  const hold = [...holds.values()].find(({ verdict }) => verdict.verdictId === input.verdictId);
  if (!hold) {
    throw staleDecision(
      name,
      input,
      [...holds.values()].map(({ verdict }) => verdict),
    );
  }
  if (hold.decision) throw decisionPending(name, hold.decision);
  if (name === 'quarantineAndContinue') {
    const order = orderedQuarantine(hold.verdict);
    if (typeof order === 'string') throw notRows(name, order);
  }
  return hold;
}

/**
 * Waits until somebody decides, a look has found something changed, or the hold expires.
 *
 * @returns the decision, or null when nobody has decided.
 */
export async function waitForDecision(
  hold: Hold,
  remainingMs: number,
  summary: string,
): Promise<Decision | null> {
  await condition(() => hold.decision !== null || hold.looked !== null, Math.max(remainingMs, 1), {
    summary: summaryOf(summary),
  });
  return hold.decision;
}

/** A run may only end once every update that it accepted has been answered. */
export async function answerEveryUpdate(): Promise<void> {
  await condition(allHandlersFinished);
}
