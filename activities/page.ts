import { ApplicationFailure } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { Databases } from './databases.ts';
import { tellAlarm } from './page/alarm.ts';
import { alarmDedupKey } from './page/dedup-key.ts';
import { tellGateAbandoned, tellGateBroken, tellGatePassed, tellGateWarned } from './page/gate.ts';
import type { PageLinks } from './page/links.ts';
import type { PageInput } from './page/page-input.ts';
import { unlessRefused } from './page/refused.ts';
import { tellRunFailed, tellRunSucceeded } from './page/run.ts';
import { withoutValues } from './postgres-error.ts';
import type { RepositoryFolders } from './repository.ts';

export { PAGE_SIGNAL } from './page/hand-over.ts';
export type { PageLinks } from './page/links.ts';
export type * from './page/page-input.ts';

export interface PageResult {
  /** The dedup key of the incident that was told; null when there was none to resolve, and where it was refused. */
  readonly incident: string | null;
}

/** How long an undelivered page is retried; for tests that cannot wait a day. */
export interface PageRetry {
  readonly retryForMs?: number;
  readonly firstRetryMs?: number;
}

/** The input of the `incident` workflow: one a dedup key. */
export interface IncidentInput extends PageRetry {
  readonly dedupKey: string;
  /** The queue of the `send` activity, apart from the loads'. */
  readonly pageTaskQueue: string;
  /** What an earlier run of this incident handed on when its history grew long. */
  readonly carried?: IncidentCarried;
}

/** What the next run of an incident has to know. */
export interface IncidentCarried {
  readonly seen: readonly string[];
  readonly lines: readonly string[];
  readonly open: boolean;
  /** The receivers whose incident is open; left out by earlier versions. */
  readonly told?: readonly string[];
  /** How often it failed, as the last event said; left out by earlier versions. */
  readonly failedSoFar?: string | null;
}

export interface PageDeps {
  readonly databases: Databases;
  readonly client: Client;
  /** Names this installation in dedup keys: `production`, `demo`. */
  readonly environment: string;
  readonly taskQueue: string;
  readonly links: PageLinks;
  /** Where the models are, for what depends on what; left out, nothing is known to. */
  readonly folders?: RepositoryFolders;
  readonly retry?: PageRetry;
}

/**
 * Makes the activity that opens and resolves incidents. It writes the incident's row and hands the event to the key's
 * `incident` workflow, one page of the installation after the other (`page/tell.ts`). A retry hands over the same event
 * id, which the workflow sends once.
 */
export function createPage(deps: PageDeps) {
  return {
    async page(input: PageInput): Promise<PageResult> {
      try {
        return { incident: await withoutValues(`page ${input.kind}`, () => tell(deps, input)) };
      } catch (error) {
        throw neverFinal(error);
      }
    },
  };
}

async function tell(deps: PageDeps, input: PageInput): Promise<string | null> {
  switch (input.kind) {
    case 'gateHeld':
    case 'gateFailed':
      return await tellGateBroken(deps, input);
    case 'gatePassed':
      return await tellGatePassed(deps, input);
    case 'gateWarned':
      return await tellGateWarned(deps, input);
    case 'gateAbandoned':
      return await tellGateAbandoned(deps, input);
    case 'runFailed':
      return await tellRunFailed(deps, input);
    case 'runSucceeded':
      return await tellRunSucceeded(deps, input);
    case 'alarm': {
      const dedupKey = alarmDedupKey(deps.environment, input.subject, input.alarm);
      return await unlessRefused(deps.databases.loader, input, dedupKey, () => tellAlarm(deps, input));
    }
  }
}

/**
 * What should page is tried for as long as its activity may be: an SQLSTATE that no load gets over, as of a table that a
 * migration has yet to make, is mended while it waits.
 */
function neverFinal(error: unknown): unknown {
  if (!(error instanceof ApplicationFailure) || error.nonRetryable !== true) return error;
  const { message, type, details } = error;
  return ApplicationFailure.create({
    message,
    ...(type ? { type } : {}),
    details: details ?? [],
    nonRetryable: false,
  });
}
