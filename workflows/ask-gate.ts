import type { Gate } from '../expectations/verdict.ts';
import type { PlannedModel } from '../models/plan.ts';
import { note, noteVerdict } from './model-outcome.ts';
import { rowsText } from './progress.ts';
import type { Standing } from './holds.ts';
import type { Aside } from './set-aside.ts';
import { stations } from './stations.ts';
import { step } from './steps.ts';
import type { Walk } from './walk.ts';

/** Asks the gate, and shows what it says. */
export async function askGate(
  walk: Walk,
  model: PlannedModel,
  asked: Parameters<typeof stations.gate>[0],
  {
    standing,
    text,
    aside,
  }: { readonly standing: Standing; readonly text: string | undefined; readonly aside: Aside },
): Promise<Awaited<ReturnType<typeof stations.gate>>> {
  note(walk, model, 'checking', `${asked.gate} gate, suite ${asked.suite}`);
  const { previous, because } = standing;
  const again = {
    ...(previous ? { previous: { verdictId: previous.verdictId } } : {}),
    ...(because === null ? {} : { because }),
  };
  const summary = step(
    walk,
    model.name,
    gateSummary(asked, [text, because === null ? undefined : `looked again: ${because}`], aside),
  );
  const verdict = await stations.gate({ ...asked, ...again }, summary);
  if (verdict.ended === undefined) noteVerdict(walk, model, verdict);
  return verdict;
}

function gateSummary(
  { model, gate, suite }: { readonly model: string; readonly gate: Gate; readonly suite: string },
  texts: readonly (string | undefined)[],
  aside: Aside,
): string {
  const rest = aside.rows > 0 ? `${rowsText(aside.rows)} quarantined` : undefined;
  return [`gate ${model}`, gate, `suite ${suite}`, ...texts, rest]
    .filter((part) => part !== undefined)
    .join(' · ');
}
