import { orderedQuarantine, type Verdict } from '../../expectations/verdict.ts';
import type { Json } from '../notifiers/notifier.ts';

/** Update, verb of `weir gate`, when, and a reason to begin with. */
type Choice = readonly [update: string, verb: string, when: string, reason: string];

/** A decision as it is offered: when it is right, and what to paste or to run. */
export type DecisionChoice = Readonly<Record<'update' | 'when' | 'json' | 'command', string>>;

/**
 * What a person may decide about a held gate, each with the JSON to paste. The run refuses a verdict that no longer
 * stands; quarantine is offered only where it is possible.
 */
export function decisionChoices(verdict: Verdict): Json {
  return choicesOf(verdict.verdictId, typeof orderedQuarantine(verdict) !== 'string');
}

/** The same for who knows a verdict from the books alone. */
export function choicesOf(verdictId: string, mayQuarantine: boolean): readonly DecisionChoice[] {
  const choices: readonly Choice[] = [
    [
      'reloadAndRetry',
      'reload',
      'the source was mended and has delivered again',
      'the source delivered again',
    ],
    [
      'retryGate',
      'retry',
      'a parameter or what it reads was mended; the rows are right',
      'parameter corrected',
    ],
    ['overrideGate', 'override', 'these rows may be published as they are', 'WHY THESE ROWS MAY PASS'],
    ...(mayQuarantine ? [quarantine] : []),
    ['abandon', 'abandon', 'give this batch up; the next run meets its rows again', 'WHY'],
  ];
  return choices.map(([update, verb, when, reason]) => ({
    update,
    when,
    json: JSON.stringify({ verdictId, reason, by: 'YOUR NAME' }),
    command: `npm run weir -- gate ${verb} ${verdictId} --reason "${reason}"`,
  }));
}

const quarantine: Choice = [
  'quarantineAndContinue',
  'quarantine',
  'the rest is right without the rows that break a promise',
  'WHY THE REST MAY PASS',
];
