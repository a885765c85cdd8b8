// One loader process: runs the stations that its parent sends, as a worker runs those that Temporal sends.
import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/activity';
import type { Databases } from '../../activities/databases.ts';
import { createExtract } from '../../activities/extract.ts';
import { createGate } from '../../activities/gate.ts';
import { createHold } from '../../activities/hold.ts';
import { createOpen } from '../../activities/open.ts';
import { postgresFault } from '../../activities/postgres-error.ts';
import { createPublish } from '../../activities/publish.ts';
import { createRelease } from '../../activities/release.ts';
import type { RepositoryFolders } from '../../activities/repository.ts';
import type { RunRef } from '../../activities/run-ref.ts';
import { createStage } from '../../activities/stage.ts';
import { followParent } from '../../infra/local/follow-parent.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { openDatabases } from '../../workers/databases.ts';
import type { BrokenName } from './broken/broken.ts';
import { withoutVersionGuard } from './broken/no-version.ts';
import { createUnfencedPublish, keepingCandidates } from './broken/unfenced-publish.ts';
import { withWatermarkApart } from './broken/watermark-apart.ts';

/** What a loader is started with. */
export interface LoaderOrder {
  /** The database by way of the test's proxy. */
  readonly url: string;
  readonly folders: RepositoryFolders;
  readonly landingFolder: string;
  readonly broken: BrokenName | null;
}

/** What may be known of an error that a station ended in. */
export interface StationFailure {
  readonly type: string;
  readonly message: string;
  readonly nonRetryable: boolean;
  readonly sqlstate: string | null;
}

export type Question = 'isRunOpen' | 'isCurrentRun';

/** From the parent. */
export type ToLoader =
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly station: StationName;
      readonly input: unknown;
      readonly lateMs: number;
    }
  | { readonly kind: 'told'; readonly id: number; readonly yes: boolean };

/** To the parent. */
export type FromLoader =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: StationFailure }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question; readonly run: RunRef };

export type Stations = ReturnType<typeof createStations>;
export type StationName = keyof Stations;

const asked = new Map<number, (yes: boolean) => void>();
let questions = 0;

function send(message: FromLoader): void {
  process.send?.(message, () => undefined);
}

/** Temporal knows what runs there are; here it is the parent. */
function ask(question: Question): (run: RunRef) => Promise<boolean> {
  return (run) =>
    new Promise((answer) => {
      questions += 1;
      asked.set(questions, answer);
      send({ kind: 'ask', id: questions, question, run });
    });
}

function openAll({ url, broken }: LoaderOrder): Databases {
  const databases = openDatabases(url, 'chaos', 8);
  const publisherUrl = loginUrl(url, 'weir_publisher');
  if (broken === 'no-version') return { ...databases, publisher: withoutVersionGuard(publisherUrl) };
  if (broken === 'watermark-apart') return { ...databases, publisher: withWatermarkApart(publisherUrl) };
  if (broken === 'no-fence') return { ...databases, loader: keepingCandidates(loginUrl(url, 'weir_loader')) };
  return databases;
}

function createStations(order: LoaderOrder) {
  const { folders, landingFolder, broken } = order;
  const databases = openAll(order);
  const deps = {
    databases,
    folders,
    landingFolder,
    isRunOpen: ask('isRunOpen'),
    isCurrentRun: ask('isCurrentRun'),
  };
  return {
    ...createExtract(deps),
    ...createOpen(deps),
    ...createGate(deps),
    ...createStage(deps),
    ...createHold(deps),
    ...createRelease(deps),
    ...(broken === 'no-fence' ? createUnfencedPublish(databases, folders) : createPublish(deps)),
  };
}

async function run(
  stations: Stations,
  { id, station, input, lateMs }: Extract<ToLoader, { kind: 'call' }>,
): Promise<void> {
  try {
    if (lateMs > 0) await pause(lateMs);
    // What goes over the wire has the shape that the parent's types have checked.
    const work = stations[station] as (input: unknown) => Promise<unknown>;
    send({ kind: 'answer', id, value: await work(input) });
  } catch (error) {
    send({ kind: 'failure', id, failure: failureOf(error) });
  }
}

function failureOf(error: unknown): StationFailure {
  const message = error instanceof Error ? error.message : String(error);
  const fault = postgresFault(error);
  if (!(error instanceof ApplicationFailure))
    return { type: 'Error', message, nonRetryable: false, sqlstate: fault?.sqlstate ?? null };
  const [detail] = error.details ?? [];
  const sqlstate: unknown =
    typeof detail === 'object' && detail !== null ? Reflect.get(detail, 'sqlstate') : null;
  return {
    type: error.type ?? '',
    message,
    nonRetryable: error.nonRetryable === true,
    sqlstate: typeof sqlstate === 'string' ? sqlstate : null,
  };
}

// The parent imports the types of this file alone.
if (process.send !== undefined && import.meta.main) {
  followParent();
  const order: LoaderOrder = JSON.parse(process.argv[2] ?? '');
  const stations = createStations(order);
  process.on('message', (message: ToLoader) => {
    if (message.kind === 'call') void run(stations, message);
    else asked.get(message.id)?.(message.yes);
  });
  process.on('disconnect', () => process.exit(0));
  send({ kind: 'ready' });
}
