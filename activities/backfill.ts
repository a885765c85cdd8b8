import { ApplicationFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { attemptNumber } from './attempt-number.ts';
import { nextSlots } from './backfill/slots.ts';
import type { NextSlots, NextSlotsRequest, Slots } from './backfill/slots.ts';
import { askedModels, surveyBackfill } from './backfill/survey.ts';
import type { Survey, SurveyRequest } from './backfill/survey.ts';
import type { Databases } from './databases.ts';
import { coveredBackfills } from './page/run.ts';
import { withoutValues } from './postgres-error.ts';
import type { RepositoryFolders } from './repository.ts';

export interface BackfillDeps {
  readonly databases: Databases;
  readonly folders: RepositoryFolders;
  readonly client: Client;
  /** Names this installation in dedup keys. */
  readonly environment: string;
}

/** Which intervals come next. */
export interface NextIntervalsInput extends Slots, NextSlotsRequest {
  readonly models: readonly string[];
}

/** How the run of an interval ended that this backfill did not start, or started before it went on anew. */
export type IntervalEnd =
  | { readonly end: 'completed'; readonly result: unknown }
  | {
      readonly end: 'failed';
      readonly type: string;
      readonly message: string;
      /** Whether somebody cancelled or terminated it; left out by earlier versions. */
      readonly byHand?: boolean;
    }
  /** It never began. */
  | { readonly end: 'none' };

/** A model that a run holds at a gate, and intervals wait for. */
export interface HeldInterval {
  readonly workflowId: string;
  readonly model: string;
  /** ISO 8601. */
  readonly since: string;
  readonly verdictId: string | null;
}

/** What a backfill asks of the world. */
export function createBackfill({ databases, folders, client, environment }: BackfillDeps) {
  const { loader } = databases;
  return {
    /** @throws ApplicationFailure `InvalidInput` or `InvalidModel` (neither retryable). */
    surveyBackfill: (request: SurveyRequest): Promise<Survey> =>
      withoutValues('look at what a backfill would do', async () => {
        const survey = await surveyBackfill(loader, folders, request);
        const { range } = survey;
        const scope = range === null ? null : { start: range.from, end: range.to, models: request.models };
        const pipeline = `${request.pipeline}-backfill`;
        const covered =
          scope === null ? [] : await coveredBackfills(loader, environment, { pipeline, scope });
        return { ...survey, incidentOpen: covered.length > 0 };
      }),

    /** The next intervals that are not done, by the ledger as it is now. */
    nextIntervals: (input: NextIntervalsInput): Promise<NextSlots> =>
      withoutValues('find the next intervals', async () =>
        nextSlots(loader, input, await askedModels(folders, input), input),
      ),

    /**
     * How the run of an interval ended.
     *
     * @throws ApplicationFailure `IntervalRuns` (retryable) while it goes on: the server asks again, and the history
     *   stays as it is meanwhile.
     */
    awaitInterval: ({ workflowId }: { readonly workflowId: string }): Promise<IntervalEnd> =>
      intervalEnd(client, workflowId),

    /** What of these models is held at a gate now: an interval of this backfill, or what its intervals wait for. */
    lookForHeld: async ({
      models,
    }: {
      readonly models: readonly string[];
    }): Promise<readonly HeldInterval[]> => {
      const rows = await loader
        .selectFrom('control.lease')
        .select(['workflow_id', 'model', 'since', 'verdict_id'])
        .where('state', '=', 'held')
        .where('model', 'in', models)
        .orderBy('since')
        .execute();
      return rows.map(({ workflow_id, model, since, verdict_id }) => ({
        workflowId: workflow_id,
        model,
        since: since.toISOString(),
        verdictId: verdict_id,
      }));
    },
  };
}

/**
 * Between two looks at a run that goes on, in milliseconds: each a fifth longer than the one before. An interval that is
 * held for days is not to cost the server a look a second, times the width.
 */
const LOOK_AGAIN = { firstMs: 1_000, factor: 1.2, mostMs: 15_000 };

/** What runs end with that somebody cancelled or terminated. */
const BY_HAND = ['CancelledFailure', 'TerminatedFailure'];

async function intervalEnd(client: Client, workflowId: string): Promise<IntervalEnd> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING' || status.name === 'PAUSED')
      throw ApplicationFailure.create({
        type: 'IntervalRuns',
        message: `${workflowId} goes on`,
        nextRetryDelay: lookAgainMs(attemptNumber() ?? 1),
        category: 'BENIGN', // Nothing to warn of in the worker's log.
      });
    const result: unknown = await handle.result();
    return { end: 'completed', result };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'WorkflowNotFoundError') return { end: 'none' };
    if (error.name !== 'WorkflowFailedError') throw error;
    const { cause } = error;
    const type = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
    const message = cause instanceof Error ? cause.message : error.message;
    const byHand = cause instanceof Error && BY_HAND.includes(cause.name);
    return { end: 'failed', type, message, ...(byHand ? { byHand } : {}) };
  }
}

function lookAgainMs(attempt: number): number {
  const { firstMs, factor, mostMs } = LOOK_AGAIN;
  return Math.round(Math.min(mostMs, firstMs * factor ** (attempt - 1)));
}
