import type { JsonObject } from '../../expectations/json.ts';
import { loginUrl } from '../../infra/local/logins.ts';
import { setUpPeers } from '../peers/set-up.ts';
import type { ReadyTool } from '../peers/set-up.ts';
import type { Contestant } from './contestant.ts';
import type { BenchDatabase } from './database.ts';
import { asOf, fillStores, fillTransactions, schema, setIndex, tableOf } from './fill.ts';
import { handWrittenContestants, handWrittenNames } from './hand-written.ts';
import { takesPart } from './options.ts';
import type { GateBenchOptions, Size } from './options.ts';
import { withBest } from './ratios.ts';
import type { Round } from './ratios.ts';
import { runRounds } from './rounds.ts';
import type { RoundsOrder } from './rounds.ts';
import { handWritten, weir } from './rows.ts';
import type { Indexed, Phase } from './rows.ts';
import { weirStartUp } from './weir-start-up.ts';
import { temporalContestant } from './weir-run.ts';
import type { RunContestant } from './weir-run.ts';
import { inRunContestant, weirContestant } from './weir-gate.ts';

/** What has been measured so far; filled while the bench runs, so that a run that breaks off shows what it had. */
export interface Measured {
  readonly phases: Phase[];
  readonly startUps: Map<string, number>;
  /** A sentence for each tool that could not be set up, or broke. */
  readonly missing: string[];
}

/** The options, and where the peers' environments are kept. */
export interface MeasureOptions extends Pick<GateBenchOptions, 'sizes' | 'rounds' | 'only'> {
  /** Where what it starts keeps its files. */
  readonly home: string;
  readonly peersFolder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}

/** A gate inside a run is measured up to so many rows: it needs the rows a second time, landed. */
const MOST_IN_RUN = 1_000_000;
const SMALL = 1_000_000;

/** Sets everybody up and lets them check each table, without and with its index. */
export async function measure(
  database: BenchDatabase,
  measured: Measured,
  options: MeasureOptions,
): Promise<void> {
  const { onProgress } = options;
  const stores = await fillStores(database.admin);
  const { ready, missing } = await setUpPeers({
    folder: options.peersFolder,
    env: options.env,
    settings: peerSettings(database.adminUrl, stores, options.sizes),
    wanted: (name) => takesPart(options, name),
    onProgress,
  });
  measured.missing.push(...missing);
  try {
    measured.startUps.set(weir, await weirStartUp(database));
    for (const { peer, contestants } of ready)
      for (const { name } of contestants) measured.startUps.set(name, peer.startUpSeconds);
    for (const size of options.sizes) {
      onProgress(`${size.name}: filling the table`);
      await fillTransactions(database.admin, size.rows);
      const contestants = contestantsOf(database, ready, stores, options);
      const onMissing = (reason: string): number => measured.missing.push(reason);
      for (const indexed of ['no index', 'unique index'] as const)
        measured.phases.push(
          await measurePhase(database, contestants, { size, indexed, options, onMissing }),
        );
    }
  } finally {
    await Promise.all(ready.map(({ peer }) => peer.stop()));
  }
}

interface PhaseOrder {
  readonly size: Size;
  readonly indexed: Indexed;
  readonly options: MeasureOptions;
  readonly onMissing: (reason: string) => void;
}

async function measurePhase(
  database: BenchDatabase,
  contestants: readonly Contestant[],
  { size, indexed, options, onMissing }: PhaseOrder,
): Promise<Phase> {
  const { onProgress } = options;
  onProgress(`${size.name}, ${indexed}`);
  await setIndex(database.admin, size.rows, indexed);
  const asRun = indexed === 'no index' && size.rows <= MOST_IN_RUN && takesPart(options, 'run');
  const runs = asRun ? await runContestants(database, size.rows, options, onMissing) : [];
  const small = size.rows <= SMALL;
  const order = {
    rows: size.rows,
    count: options.rounds ?? (small ? 5 : 3),
    warmUp: small,
    onProgress,
    onMissing,
  };
  const rounds = await roundsOf([...contestants, ...runs], order, runs);
  const best = rounds.map((round) => withBest(round, handWrittenNames, handWritten));
  onProgress(`best by hand: ${best.map(({ winner }) => winner ?? 'none').join('; ')}`);
  return { size: size.name, indexed, rounds: best.map(({ round }) => round) };
}

async function roundsOf(
  contestants: readonly Contestant[],
  order: RoundsOrder,
  runs: readonly RunContestant[],
): Promise<readonly Round[]> {
  try {
    return await runRounds(contestants, handWrittenNames, order);
  } finally {
    for (const run of runs) await run.stop();
  }
}

/** The gate inside a run: called as a worker calls it, and in a run of Temporal's. */
async function runContestants(
  database: BenchDatabase,
  rows: number,
  { home, onProgress }: MeasureOptions,
  onMissing: (reason: string) => void,
): Promise<readonly RunContestant[]> {
  const called = { ...(await inRunContestant(database, rows)), stop: async () => {} };
  try {
    return [called, await temporalContestant(database, home, onProgress)];
  } catch (error) {
    onMissing(`a run of Temporal's: ${error instanceof Error ? error.message : String(error)}`);
    return [called];
  }
}

function contestantsOf(
  database: BenchDatabase,
  ready: readonly ReadyTool[],
  stores: readonly string[],
  options: MeasureOptions,
): readonly Contestant[] {
  const peers = ready.flatMap(({ peer, contestants }) =>
    contestants.map(({ name, mode }) => ({
      name,
      check: (rows: number) => peer.check({ table: tableOf(rows), mode }),
    })),
  );
  const { validator } = database.databases;
  return [...handWrittenContestants(validator, stores), weirContestant(database), ...peers].filter(
    ({ name }) => takesPart(options, name),
  );
}

/** The peers connect on the validator's login: the same rights and session settings as Weir's. */
function peerSettings(adminUrl: string, stores: readonly string[], sizes: readonly Size[]): JsonObject {
  const url = new URL(loginUrl(adminUrl, 'weir_validator'));
  return {
    host: url.hostname,
    port: url.port,
    user: url.username,
    password: url.password,
    database: url.pathname.slice(1),
    schema,
    asOf,
    stores: [...stores],
    tables: sizes.map(({ rows }) => tableOf(rows)),
  };
}
