import type { Gate, Outcome } from '../../expectations/verdict.ts';
import type { LoadState } from '../../activities/databases.ts';

/** One time that a gate was asked. */
export interface Evaluation {
  readonly evaluationId: number;
  readonly verdictId: string;
  readonly loadId: number | null;
  readonly model: string;
  readonly gate: Gate;
  readonly suite: string;
  readonly suiteHash: string;
  readonly outcome: Outcome;
  /** Null where an earlier version judged, which held what failed. */
  readonly blocks: boolean | null;
  readonly rows: number | null;
  readonly evaluated: number;
  readonly failed: number;
  /** `critical store_id: store_id not null`, without values; null where an earlier version judged. */
  readonly broken: readonly string[] | null;
  /** Why it could not be checked; null where it could, or an earlier version judged. */
  readonly reason: string | null;
  /** What had changed when the gate was looked at again by itself. */
  readonly lookedBecause: string | null;
  readonly asOf: Date;
  readonly at: Date;
  readonly workflowId: string;
  readonly runId: string;
}

/** What a person decided about a verdict; texts redacted. */
export interface MadeDecision {
  readonly decision: 'retryGate' | 'reloadAndRetry' | 'overrideGate' | 'quarantineAndContinue' | 'abandon';
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** What has become of a verdict. */
export type FateName =
  /** It let its batch through, as a pass, with a warning, or because its suite says that the batch goes on. */
  | 'passed'
  /** A person may decide now. */
  | 'held'
  /** It would not let its batch through, and its run has not said yet what comes of it. */
  | 'underWay'
  | 'overridden'
  | 'quarantined'
  | 'abandoned'
  /** Another verdict took its place: a person asked again, or the run did when something had changed. */
  | 'askedAgain'
  /** Nobody decided in time. */
  | 'expired'
  /** The run is over without a decision: it expired, was cancelled or terminated. */
  | 'ended';

export interface Fate {
  readonly name: FateName;
  readonly since: Date;
  /** Who brought it about; null where nobody had to. */
  readonly decision: MadeDecision | null;
  /** Rows that this verdict set aside. */
  readonly setAside: number;
}

/** What the fate of a verdict is read from. */
export interface FateFacts {
  readonly latest: Pick<Evaluation, 'outcome' | 'blocks' | 'loadId' | 'workflowId' | 'at'>;
  /** The last about this verdict since it was evaluated last: an earlier one counts no more, the gate was asked again and came to the same. */
  readonly decision: MadeDecision | null;
  /** Of the model, where it stands at this verdict. */
  readonly lease: { readonly state: 'running' | 'held' | 'expired'; readonly since: Date } | null;
  readonly load: LoadState | null;
  /** Whether it was given up for a run that its own comes after, and that one has not come back. */
  readonly gaveWay: boolean;
  readonly setAside: number;
  /** The gate's next evaluation under another verdict. */
  readonly next: Pick<Evaluation, 'loadId' | 'workflowId' | 'lookedBecause' | 'at'> | null;
}

/** Whether a batch cannot pass with this verdict as it is. An earlier version held all that failed. */
export function isBlocking({ blocks, outcome }: Pick<Evaluation, 'blocks' | 'outcome'>): boolean {
  return blocks ?? (outcome === 'fail' || outcome === 'error');
}

/** What has become of a verdict, as far as the control tables know. */
export function decideFate(facts: FateFacts): Fate {
  const { latest, decision, lease, setAside, next } = facts;
  const fate = (name: FateName, since: Date): Fate => ({ name, since, decision, setAside });
  if (!isBlocking(latest)) return fate('passed', latest.at);
  if (decision !== null) return fate(BROUGHT[decision.decision], decision.at);
  if (lease?.state === 'held' || lease?.state === 'expired') return fate(lease.state, lease.since);
  const since = next?.at ?? latest.at;
  if (setAside > 0) return fate('quarantined', since);
  if (next !== null && isSameWalk(next, latest)) return fate('askedAgain', since);
  return fate(isOver(facts) ? 'ended' : 'underWay', latest.at);
}

const BROUGHT = {
  retryGate: 'askedAgain',
  reloadAndRetry: 'askedAgain',
  overrideGate: 'overridden',
  quarantineAndContinue: 'quarantined',
  abandon: 'abandoned',
} as const satisfies Record<MadeDecision['decision'], FateName>;

/** The run looked again by itself, or asked anew about the same batch. */
function isSameWalk(
  next: NonNullable<FateFacts['next']>,
  { loadId, workflowId }: FateFacts['latest'],
): boolean {
  return (
    next.workflowId === workflowId &&
    (next.lookedBecause !== null || (loadId !== null && next.loadId === loadId))
  );
}

function isOver({ load, gaveWay, next }: FateFacts): boolean {
  if (gaveWay) return false;
  return next !== null || (load !== 'open' && load !== 'staged');
}
