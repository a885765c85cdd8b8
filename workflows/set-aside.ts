import type { Quarantined } from '../activities/quarantine.ts';
import {
  aboveShare,
  blockingExpectations,
  type QuarantineOrder,
  type Verdict,
} from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import { note } from './model-outcome.ts';
import { countText, percentText, rowsText } from './progress.ts';
import { stations } from './stations.ts';
import type { Walk } from './walk.ts';

/** What a gate's quarantine has come to so far. One begins with each time that the walk comes to the gate. */
export interface Aside {
  /** Rows that were set aside. */
  rows: number;
  /** The verdict that they were set aside by without asking anybody; null before that. */
  unasked: Verdict | null;
  /** Whether the gate may still be asked anew because what a verdict was about had changed: once, else it would never end. */
  mayAskAnew: boolean;
  /** Why nothing was set aside unasked although all that blocks says so; null where nothing was tried. */
  refused: string | null;
}

/** Nothing is aside. */
export function nothingAside(): Aside {
  return { rows: 0, unasked: null, mayAskAnew: true, refused: null };
}

/**
 * Sets aside what a verdict says may go without asking anybody. Once a gate: the gate runs once more on the rest, and
 * that verdict stands.
 *
 * @returns what the gate's passage does next.
 */
export async function setAsideUnasked(
  walk: Walk,
  model: PlannedModel,
  verdict: Verdict,
  attempt: number,
  aside: Aside,
): Promise<'ask again' | 'hold' | 'published'> {
  const { quarantine: order } = verdict;
  aside.refused = null;
  if (!order) {
    // Verdicts of earlier versions have none.
    aside.refused = refusal(verdict);
    return 'hold';
  }
  if (aside.unasked !== null) {
    aside.refused = `${rowsText(aside.rows)} went aside, and what is left does not pass either`;
    return 'hold';
  }
  const answer = await setAside(walk, model, verdict, attempt, order, aside);
  switch (answer.state) {
    case 'published':
      return 'published';
    case 'quarantined':
      aside.unasked = verdict;
      return 'ask again';
    case 'tooMany':
      aside.refused =
        `${countText(answer.rows)} of ${rowsText(answer.of)} break promises that say quarantine, more than the` +
        ` ${percentText(order.share ?? 0)} that may be set aside unasked`;
      return 'hold';
    case 'changed':
      aside.refused = answer.reason;
      if (!aside.mayAskAnew) return 'hold';
      aside.mayAskAnew = false;
      return 'ask again';
  }
}

function refusal(verdict: Verdict): string | null {
  const above = aboveShare(verdict);
  if (above === null) return null;
  return (
    `${countText(above.unexpectedCount ?? 0)} of ${rowsText(verdict.rows)} break "${above.expected}", more than the` +
    ` ${percentText(above.quarantineShare)} that may be set aside unasked`
  );
}

/** Sets rows aside, and counts them. */
export async function setAside(
  walk: Walk,
  model: PlannedModel,
  verdict: Verdict,
  attempt: number,
  order: QuarantineOrder,
  aside: Aside,
): Promise<Quarantined> {
  const { loadId, gate, verdictId, evaluationId } = verdict;
  const text = brokenRows(verdict);
  note(walk, model, 'checking', `${gate} gate: setting ${text} aside`);
  const answer = await stations.quarantine(
    { loadId, model: model.name, gate, verdictId, evaluationId, attempt, order, run: walk.run },
    `quarantine ${model.name} · ${text}`,
  );
  if (answer.state === 'quarantined') aside.rows += answer.rows;
  return answer;
}

/** How many rows break something: exact for one promise; a row may break several. */
function brokenRows({ failed }: Verdict): string {
  const counts = blockingExpectations(failed).map(({ unexpectedCount }) => unexpectedCount ?? 0);
  const sum = counts.reduce((all, one) => all + one, 0);
  return counts.length > 1 ? `at most ${rowsText(sum)}` : rowsText(sum);
}
