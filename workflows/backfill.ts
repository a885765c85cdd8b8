import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  makeContinueAsNewFunc,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { cancelIntervals, newDrive, walkIntervals, type Drive } from './backfill/drive.ts';
import { readBackfillInput, type BackfillInput } from './backfill/input.ts';
import { reportOf, resumeCommand, shortTime, type BackfillReport } from './backfill/report.ts';
import { pageBackfill, resolveBackfill } from './backfill/pages.ts';
import { freshState, type BackfillState } from './backfill/state.ts';
import { backfillStations } from './backfill/stations.ts';
import { showBackfill } from './backfill/show.ts';
import { TASK_TIMEOUT } from './backfill/task-timeout.ts';
import { backfillProgress, takeSteering } from './backfill/updates.ts';
import { cancellationOf, isCancelled } from './cancelled.ts';
import { keywords } from './progress/keywords.ts';
import { messageOf } from './run-end.ts';
import * as attribute from './search-attributes.ts';
import { stations } from './stations.ts';

/**
 * Loads past intervals again, or what schedules missed: each interval a run of its own, so many side by side, in order.
 * What the ledger has as done with the same SQL is skipped, so the same command goes on where one has stopped.
 *
 * @param carried where it stands, when it goes on anew after some hundred intervals; nothing that a person gives.
 * @throws ApplicationFailure `InvalidInput`, `InvalidModel` or `LandingFailed` before anything is loaded; `BackfillFailed`
 *   at the end, naming the intervals that failed and the command that goes on, with the report as its details.
 */
export async function backfill(input?: BackfillInput, carried?: BackfillState): Promise<BackfillReport> {
  const request = readBackfillInput(input, Date.now());
  const state = carried ?? freshState(request.width, Date.now());
  const drive = newDrive(request, state);
  setHandler(backfillProgress, () => reportOf(state, request, Date.now(), drive.is));
  takeSteering(state, () => {
    drive.changed = true;
    showBackfill(drive);
  });
  upsertSearchAttributes([{ key: attribute.pipeline, value: request.pipeline }]);
  showBackfill(drive);
  const begins = state.survey === null;
  const early = begins ? await look(drive) : null;
  if (early !== null) return early;
  let how: 'over' | 'goOn';
  try {
    if (begins) await land(drive);
    how = await walkIntervals(drive);
  } catch (failure) {
    if (!isCancelled(failure)) {
      showBackfill(drive, 'failed');
      throw failure;
    }
    await CancellationScope.nonCancellable(() => cancelIntervals(drive));
    throw cancellationOf(failure);
  }
  if (how === 'goOn') return await goOnAnew(input ?? {}, state);
  return await ended(drive);
}

async function goOnAnew(input: BackfillInput, state: BackfillState): Promise<never> {
  return await makeContinueAsNewFunc<typeof backfill>({ workflowTaskTimeout: TASK_TIMEOUT })(input, state);
}

/** Looks at what there is to do; where that is nothing, or only looking was asked for, it is the end. */
async function look(drive: Drive): Promise<BackfillReport | null> {
  const { request, state } = drive;
  const { pipeline, range, models, again, dryRun } = request;
  const now = new Date(state.startedAt).toISOString();
  const summary =
    range === null
      ? `look for slots of the ${pipeline} pipeline that were missed`
      : `look at [${shortTime(range.from)}, ${shortTime(range.to)})`;
  const survey = await backfillStations
    .survey({ pipeline, range, models, again, now }, summary)
    .catch(asItself);
  state.survey = survey;
  if (survey.range !== null)
    upsertSearchAttributes([
      { key: attribute.intervalStart, value: new Date(survey.range.from) },
      { key: attribute.intervalEnd, value: new Date(survey.range.to) },
      { key: attribute.models, value: keywords(survey.models) },
    ]);
  const end = survey.range === null ? 'nothingMissed' : dryRun ? 'dryRun' : null;
  showBackfill(drive, end ?? 'loading');
  return end === null ? null : reportOf(state, request, Date.now(), end);
}

/** What is wrong with the input is the backfill's own failure, so that the Temporal UI shows the sentence itself. */
function asItself(failure: unknown): never {
  const cause = failure instanceof ActivityFailure ? failure.cause : undefined;
  throw cause instanceof ApplicationFailure && cause.nonRetryable === true
    ? ApplicationFailure.nonRetryable(cause.message, cause.type)
    : failure;
}

/**
 * Lands once what the sources have to give: no interval does it again.
 *
 * @throws ApplicationFailure `LandingFailed`, after on-call was told.
 */
async function land({ state, request }: Drive): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const sources = state.survey?.sources ?? [];
  const extracts = sources.map((source) =>
    stations
      .extract({ source, run: { workflowId, runId } }, `extract ${source}, once for all intervals`)
      .catch(async (failure: unknown) => {
        if (isCancelled(failure)) throw cancellationOf(failure);
        const what = `extract ${source}: ${messageOf(failure)}`;
        await pageBackfill(state, request, what);
        throw ApplicationFailure.nonRetryable(
          `${what}. No interval was begun; mend it, then: ${resumeCommand(state, request) ?? 'begin again'}`,
          'LandingFailed',
        );
      }),
  );
  await Promise.all(extracts);
}

/** So many failures are named in the sentence that a run ends with. */
const NAMED = 3;

async function ended(drive: Drive): Promise<BackfillReport> {
  const { state, request } = drive;
  const { failures, failed } = state;
  const is = failures === 0 ? 'done' : 'failed';
  showBackfill(drive, is);
  const report = reportOf(state, request, Date.now(), is);
  if (is === 'done') await resolveBackfill(state, request);
  if (is === 'done') return report;
  const named = failed.slice(0, NAMED).map(({ start, reason }) => `${shortTime(start)}: ${reason}`);
  const more = failures > NAMED ? ` and ${failures - NAMED} more` : '';
  const stopped = report.waiting > 0 ? `; ${report.waiting} were not begun` : '';
  throw ApplicationFailure.nonRetryable(
    `${failures} of ${state.survey?.intervals ?? 0} intervals failed (${named.join('; ')}${more})${stopped}. Mend what failed, then: ${report.resume}`,
    'BackfillFailed',
    report,
  );
}
