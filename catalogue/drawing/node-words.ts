import { durationText } from '../../models/duration.ts';
import { markWord } from '../parts/marks.ts';
import { clockText } from '../parts/texts.ts';
import type { ModelStanding } from '../read/model-states.ts';

/** How a node stands, as its words need it. */
export interface NodeLook extends Pick<ModelStanding, 'state' | 'since' | 'why' | 'waitingBehind'> {
  readonly ageSeconds: number | null;
  /** How many models wait behind it, where it is held. */
  readonly waiting: number;
}

/** The second line of a node: `held 3 h · 4 wait`, `fresh, 12 min old`. */
export function lineOf({ state, since, ageSeconds, waiting, waitingBehind }: NodeLook, now: Date): string {
  const word = markWord(state);
  const lasted = since === null ? null : roughly((now.getTime() - since.getTime()) / 1000);
  const isOld = state === 'fresh' || state === 'late';
  const age = isOld && ageSeconds !== null ? `, ${roughly(ageSeconds)} old` : '';
  const held = !isOld && lasted !== null ? ` ${lasted}` : '';
  const behind = waiting > 0 ? ` · ${waiting} wait` : waitingBehind.length > 0 ? ' · waits' : '';
  return `${word}${age}${held}${behind}`;
}

/** The same for who cannot see it: `stg_transactions, held since 09:10 UTC, 4 waiting behind`. */
export function nameOf(name: string, look: NodeLook, now: Date): string {
  const { state, since, waiting, waitingBehind } = look;
  const isOld = state === 'fresh' || state === 'never' || since === null;
  const stands = isOld ? markWord(state) : `${markWord(state)} since ${clockText(since, now)}`;
  const behind = waiting > 0 ? `, ${waiting} waiting behind` : '';
  const waits = waitingBehind.length > 0 ? `, waits behind ${waitingBehind.join(' and ')}` : '';
  return `${name}, ${stands}${behind}${waits}`;
}

/** In its largest unit. */
function roughly(seconds: number): string {
  return durationText(Math.max(0, seconds)).split(' ').slice(0, 2).join(' ');
}
