import type { Client } from '@temporalio/client';
import type { Database, Databases } from './databases.ts';
import { createBackfill } from './backfill.ts';
import { createCallHeartbeat } from './call-heartbeat.ts';
import { createDecide } from './decide.ts';
import { createExtract } from './extract.ts';
import { createGate } from './gate.ts';
import { createHold } from './hold.ts';
import { createHousekeep } from './housekeeping.ts';
import type { ScheduleBook } from './missed-slots.ts';
import { createLook, type LookPace } from './look.ts';
import type { Notifier } from './notifiers/notifier.ts';
import type { Route } from './notifiers/routes.ts';
import { createOpen } from './open.ts';
import { createPage, type PageLinks } from './page.ts';
import { createPlan } from './plan.ts';
import { createPreview } from './preview.ts';
import { createPublish } from './publish.ts';
import { createQuarantine } from './quarantine.ts';
import { createRelease } from './release.ts';
import type { RepositoryFolders } from './repository.ts';
import type { RunRef } from './run-ref.ts';
import { createSample } from './sample.ts';
import { createSend } from './send.ts';
import { createStage } from './stage.ts';
import { createWatch, type ScheduleSights, type WatchPace } from './watch.ts';

/** Everything the stations of the walk are handed: they build no client and read no environment. */
export interface ActivityDeps {
  readonly databases: Databases;
  readonly client: Client;
  readonly isRunOpen: (run: RunRef) => Promise<boolean>;
  readonly isCurrentRun: (run: RunRef) => Promise<boolean>;
  readonly folders: RepositoryFolders;
  readonly landingFolder: string;
  readonly sourceDatabase?: (name: string) => Database | null;
  readonly environment: string;
  readonly taskQueue: string;
  readonly schedules?: ScheduleBook;
  readonly scheduleSights?: ScheduleSights;
  readonly watchPace?: WatchPace;
  readonly links: PageLinks;
  /** Everyone who can be told. */
  /** Whom the monitor tells after each round that went well; nobody where left out. */
  readonly heartbeatUrl?: string | null;
  readonly notifiers: readonly Notifier[];
  /** Who is told what; everyone everything when left out. */
  readonly routes?: readonly Route[];
  /** How often a held gate is looked at; the usual where left out. */
  readonly look?: LookPace;
}

/** The stations of the walk, as Temporal calls them. */
export function createActivities(deps: ActivityDeps) {
  return {
    ...createPlan(deps),
    ...createPreview(deps),
    ...createBackfill(deps),
    ...createExtract(deps),
    ...createOpen(deps),
    ...createGate(deps),
    ...createStage(deps),
    ...createPublish(deps),
    ...createHold(deps),
    ...createHousekeep(deps),
    ...createLook(deps),
    ...createRelease(deps),
    ...createDecide(deps),
    ...createQuarantine(deps),
    ...createCallHeartbeat(deps),
    ...createPage(deps),
    ...createSample(deps),
    ...createSend(deps),
    ...createWatch(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
