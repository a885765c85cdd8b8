import { condition, continueAsNew, isCancellation, log, sleep, workflowInfo } from '@temporalio/workflow';
import { afterRound, isUnreachable } from './monitor/database-alarm.ts';
import { monitorDetails } from './monitor/details.ts';
import { readMonitorInput, type MonitorInput } from './monitor/input.ts';
import { untilNextMinute } from './monitor/next-round.ts';
import { newTeller, type Teller } from './monitor/teller.ts';
import { messageOf } from './run-end.ts';
import { stations } from './stations.ts';
import { showDetails } from './redaction.ts';

const MINUTE_MS = 60_000;

/** Pages that are under way when the monitor goes on as a new run are given that long; what is left is told again. */
const LAST_PAGES_MS = 10_000;

/**
 * Looks every minute, as it has begun, whether promises about time are kept (`sample`) and whether something fails that
 * cannot say so itself (`watch`), and tells on-call; after a round in which both went well, the address of the heartbeat.
 * A station that fails stops nothing: the next round tries again. One an installation, under the id `freshness-monitor`;
 * workers see to it that it runs.
 *
 * What bounds its history: it goes on as a new run about once an hour.
 *
 * @throws ApplicationFailure `InvalidInput`.
 */
export async function freshnessMonitor(given?: MonitorInput): Promise<void> {
  const input = readMonitorInput(given);
  const teller = newTeller(input.carried);
  let { round, unreachable } = input.carried;
  for (let rounds = 0; rounds < input.roundsPerRun && !workflowInfo().continueAsNewSuggested; rounds += 1) {
    const at = input.from === null ? {} : { at: minuteOf(input.from, round) };
    const sampled = await look('sample', teller, (told) =>
      stations.sample({ told, ...at }, 'measure the objectives'),
    );
    const watched = await look('watch', teller, (told) =>
      stations.watch({ told }, 'look for what fails without saying so'),
    );
    // A watch that failed for another reason knows nothing of Postgres.
    if (watched.failure === null || watched.unreachable !== null) {
      const database = afterRound(unreachable, watched.unreachable, Date.now());
      ({ unreachable } = database);
      if (database.page !== null) teller.tellAtOnce(database.page);
    }
    showDetails(monitorDetails(Date.now(), [sampled, watched], teller.isBusy()));
    if (sampled.failure === null && watched.failure === null) await callHeartbeat();
    round += 1;
    await sleep(input.everyMs ?? untilNextMinute(Date.now()), { summary: 'until the next round' });
  }
  if (teller.isBusy())
    await condition(() => !teller.isBusy(), LAST_PAGES_MS, { summary: 'for pages that are under way' });
  await continueAsNew<typeof freshnessMonitor>({
    ...given,
    carried: { round, ...teller.carry(), unreachable },
  });
}

/** From the queue of pages: silence says too that nobody serves it. */
async function callHeartbeat(): Promise<void> {
  try {
    await stations.callHeartbeat('tell who waits for it that the round went well');
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    log.warn('the heartbeat was not heard', { reason: messageOf(failure) });
  }
}

/** What a station found, for the details. */
export interface Looked {
  readonly station: 'sample' | 'watch';
  readonly lines: readonly string[];
  /** Why it failed; null: it did not. */
  readonly failure: string | null;
  /** Why it failed, where Postgres does not answer. */
  readonly unreachable: string | null;
}

interface Answer {
  readonly pages: Parameters<Teller['tell']>[1]['pages'];
  readonly pageIds: readonly number[];
  readonly lines: readonly string[];
}

/** Asks a station, and hands what it found to the teller. */
async function look(
  station: Looked['station'],
  teller: Teller,
  ask: (told: readonly number[]) => Promise<Answer>,
): Promise<Looked> {
  const told = teller.told(station);
  try {
    const answer = await ask(told);
    teller.heard(station, told);
    teller.tell(station, answer);
    return { station, lines: answer.lines, failure: null, unreachable: null };
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    const reason = messageOf(failure);
    log.warn('a station of the monitor failed', { station, reason });
    return { station, lines: [], failure: reason, unreachable: isUnreachable(failure) ? reason : null };
  }
}

function minuteOf(from: string, round: number): string {
  return new Date(Date.parse(from) + round * MINUTE_MS).toISOString();
}
