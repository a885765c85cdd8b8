import { ApplicationFailure, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { readWidth } from './input.ts';
import type { BackfillReport } from './report.ts';
import type { BackfillState } from './state.ts';
import { isoMinute } from '../progress.ts';
import { personalIn } from '../../expectations/redact.ts';

/** `{"width": 8, "by": "NAME"}` */
export interface SetWidthInput {
  readonly width: number;
  readonly by?: string;
}

/** `{"reason": "…", "by": "NAME"}` */
export interface PauseInput {
  readonly reason: string;
  readonly by?: string;
}

/** `{"by": "NAME"}` */
export interface ResumeInput {
  readonly by?: string;
}

/** How a backfill is steered on its way, by the names that the Temporal UI lists. Each answers with what holds now. */
export const backfillUpdates = {
  setWidth: defineUpdate<string, [SetWidthInput]>('setWidth'),
  pause: defineUpdate<string, [PauseInput]>('pause'),
  resume: defineUpdate<string, [ResumeInput]>('resume'),
} as const;

/** Where it stands. */
export const backfillProgress = defineQuery<BackfillReport>('progress');

const DESCRIPTIONS = {
  setWidth: 'How many intervals go on side by side; fewer lets those that go on end. Input: {"width", "by"}',
  pause: 'Begin no interval for now; those that go on end. Input: {"reason", "by"}',
  resume: 'Go on after a pause. Input: {"by"}',
} as const;

/** Kept of who changed what: the last ones. */
const STEERED_KEPT = 10;

/** What is said on the way is carried along for as long as the backfill goes on, and shown: it is not for essays. */
const MOST = { reason: 500, by: 100 } as const;

/**
 * Takes the updates. Installed before the first await, so that one that was sent early finds its handler; the
 * validators are synchronous: an async one would wedge the workflow.
 *
 * @param changed called after each, so that the driver looks at its window anew.
 */
export function takeSteering(state: BackfillState, changed: () => void): void {
  const say = (what: string, by: string | undefined): string => {
    state.steered.push(`${isoMinute(Date.now())} ${what} by ${by?.trim() ?? 'someone in the Temporal UI'}`);
    state.steered.splice(0, state.steered.length - STEERED_KEPT);
    changed();
    return what;
  };
  setHandler(
    backfillUpdates.setWidth,
    (input: SetWidthInput) => {
      const before = state.width;
      state.width = readWidth(input.width);
      return say(`width ${before} → ${state.width}`, input.by);
    },
    {
      description: DESCRIPTIONS.setWidth,
      validator: (input: SetWidthInput) => {
        readWidth(steeringFields('setWidth', input)['width']);
      },
    },
  );
  setHandler(
    backfillUpdates.pause,
    ({ reason, by }: PauseInput) => {
      state.paused = {
        reason: reason.trim(),
        by: by?.trim() ?? 'someone in the Temporal UI',
        since: Date.now(),
      };
      return say(`paused: ${reason.trim()}`, by);
    },
    { description: DESCRIPTIONS.pause, validator: (input: PauseInput) => checkPause(state, input) },
  );
  setHandler(
    backfillUpdates.resume,
    ({ by }: ResumeInput) => {
      state.paused = null;
      state.ends = []; // The pause is no part of the pace.
      return say('resumed', by);
    },
    { description: DESCRIPTIONS.resume, validator: (input: ResumeInput) => checkResume(state, input) },
  );
}

function checkPause({ paused }: BackfillState, input: unknown): void {
  const { reason } = steeringFields('pause', input);
  if (typeof reason !== 'string' || reason.trim() === '')
    throw refused('pause', 'reason is missing', 'say why, for those who find it paused');
  if (reason.trim().length > MOST.reason)
    throw refused('pause', 'reason is too long', `say it in ${MOST.reason} letters`);
  if (paused !== null)
    throw refused('pause', `${paused.by} has paused it: ${paused.reason}`, 'resume it first');
}

function checkResume({ paused }: BackfillState, input: unknown): void {
  steeringFields('resume', input);
  if (paused === null) throw refused('resume', 'it is not paused', 'look at its current details');
}

/**
 * What was sent, by name. For validators alone: what they refuse is never in the history, so a card, an address or a phone
 * is refused here, and what was accepted before is not asked again when a history is replayed.
 *
 * @throws ApplicationFailure `InvalidInput`, with the mend.
 */
export function steeringFields(name: string, input: unknown): Readonly<Record<string, unknown>> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw refused(name, 'the input is no object', 'give one JSON object, like {"by": "YOUR NAME"}');
  const fields: Readonly<Record<string, unknown>> = { ...input };
  const { by } = fields;
  if (by !== undefined && (typeof by !== 'string' || by.trim() === ''))
    throw refused(name, 'by is empty', 'give your name');
  if (typeof by === 'string' && by.trim().length > MOST.by)
    throw refused(name, 'by is too long', 'give your name');
  for (const [field, text] of Object.entries(fields)) {
    const found = typeof text === 'string' ? personalIn(text) : null;
    if (found !== null)
      throw refused(
        name,
        `${field} has what looks like ${found} in it, and would stay in the history`,
        'say it without',
      );
  }
  return fields;
}

function refused(name: string, problem: string, mend: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`${name} refused: ${problem}; ${mend}.`, 'InvalidInput');
}
