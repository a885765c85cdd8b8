import { PeerMissing } from '../peers/python.ts';
import { startDbt } from './dbt-hour.ts';
import type { DbtHour } from './dbt-hour.ts';
import type { Base } from './database.ts';
import { fillBase, landHour, storeCount } from './fill.ts';
import { handWrittenHour, mustHaveHour } from './hand-written.ts';
import type { LoadBenchOptions } from './options.ts';
import { sizeName } from './options.ts';
import { fillReading, readBeside } from './reading.ts';
import { runRounds } from './rounds.ts';
import type { Contestant } from './rounds.ts';
import { dbt, handWritten, weir } from './rows.ts';
import type { Measured } from './rows.ts';
import { findSender } from './send.ts';
import { clearHours, restoreState, saveState } from './state.ts';
import type { SavedState } from './state.ts';
import { weirHour } from './weir-hour.ts';
import type { OnStation } from './weir-hour.ts';

/** The options, and where the peers' environments are kept. */
export interface MeasureOptions extends Pick<
  LoadBenchOptions,
  'sizes' | 'rounds' | 'readingSeconds' | 'parts' | 'keep'
> {
  readonly peersFolder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}

interface Ready {
  readonly base: Base;
  readonly saved: SavedState;
}

/** Every store sells in every hour, so an hour touches as many keys as there are stores. */
function expected(rows: number): { readonly transactions: number; readonly keys: number } {
  return { transactions: rows, keys: storeCount };
}

/** Fills both bases, lets everybody load the hour, then the peak hour, then reads beside loads. */
export async function measure(
  { small, large }: { readonly small: Base; readonly large: Base },
  measured: Measured,
  options: MeasureOptions,
): Promise<void> {
  const { parts } = options;
  const ready: Ready[] = [];
  // Only the rounds need the smaller base.
  for (const base of parts.has('hour') || parts.has('dbt') ? [small, large] : [large])
    ready.push(await getReady(base, options));
  const at = ready.at(-1);
  if (at === undefined) return;
  if (parts.has('hour') || parts.has('dbt')) await measureHours(ready, measured, options);
  if (parts.has('peak')) await measurePeak(at, measured, options);
  if (parts.has('reading')) await measureReading(at, measured, options);
}

async function getReady(base: Base, { sizes, onProgress }: MeasureOptions): Promise<Ready> {
  await fillBase(base, onProgress);
  await clearHours(base);
  const saved = await saveState(base);
  onProgress(`${base.size}: landing an hour of ${sizeName(sizes.hour)}`);
  await landHour(base, sizes.hour, 'transactions/hour.jsonl');
  await restoreState(base, saved);
  return { base, saved };
}

async function measureHours(
  ready: readonly Ready[],
  measured: Measured,
  options: MeasureOptions,
): Promise<void> {
  const { onProgress, parts, rounds } = options;
  const contestants = ready.map((one) => weirContestant(one, options));
  const large = ready.at(-1);
  let peer: DbtHour | null = null;
  if (large !== undefined && parts.has('hour')) contestants.push(await handContestant(large, options));
  if (large !== undefined && parts.has('dbt')) {
    peer = await startDbt(large.base, options).catch(missingFrom(measured));
    if (peer !== null) contestants.push(dbtContestant(large, peer, options));
  }
  try {
    await runRounds(contestants, {
      count: rounds,
      onProgress,
      onMissing: (reason) => measured.missing.push(reason),
      onRound: (round) => measured.rounds.push(round),
    });
  } finally {
    await peer?.stop();
  }
}

function missingFrom(measured: Measured) {
  return (error: unknown): null => {
    if (!(error instanceof PeerMissing)) throw error;
    measured.missing.push(`dbt: ${error.message}`);
    return null;
  };
}

function weirContestant(ready: Ready, { sizes, onProgress }: MeasureOptions): Contestant {
  return {
    name: weir,
    ...ready,
    warmsUp: true,
    load: async () => {
      const stations: string[] = [];
      const onStation: OnStation = (station, took) => stations.push(`${station} ${took.toFixed(2)}`);
      const took = await weirHour(ready.base, expected(sizes.hour), onStation);
      onProgress(`  ${stations.join(', ')}`);
      await mustHaveHour(ready.base, ready.saved, expected(sizes.hour), weir);
      return took;
    },
  };
}

async function handContestant(ready: Ready, { sizes, env, onProgress }: MeasureOptions): Promise<Contestant> {
  const { name, send } = await findSender(ready.base.adminUrl, env);
  onProgress(`hand-written SQL is sent by ${name}`);
  return {
    name: handWritten,
    ...ready,
    warmsUp: true,
    load: async () => {
      const took = await handWrittenHour(ready.base, ready.saved, send);
      await mustHaveHour(ready.base, ready.saved, expected(sizes.hour), handWritten);
      return took;
    },
  };
}

function dbtContestant(ready: Ready, peer: DbtHour, { sizes }: MeasureOptions): Contestant {
  return {
    name: dbt,
    ...ready,
    warmsUp: false,
    load: async () => {
      const took = await peer.load();
      await mustHaveHour(ready.base, ready.saved, expected(sizes.hour), dbt);
      return took;
    },
  };
}

async function measurePeak(
  { base }: Ready,
  measured: Measured,
  { sizes, onProgress }: MeasureOptions,
): Promise<void> {
  const saved = await saveState(base);
  onProgress(`${base.size}: landing a peak hour of ${sizeName(sizes.peak)}`);
  const began = performance.now();
  await landHour(base, sizes.peak, 'transactions/peak.jsonl');
  measured.peakLanding = (performance.now() - began) / 1000;
  await restoreState(base, saved);
  const { stg, fct } = await weirHour(base, expected(sizes.peak), (station, took) =>
    onProgress(`  peak hour: ${station} ${took.toFixed(1)} s`),
  );
  await mustHaveHour(base, saved, expected(sizes.peak), weir);
  measured.peak = stg + fct;
  await restoreState(base, saved);
}

/** Hours land and are loaded one after the other for as long as the clients read. */
async function measureReading(
  { base }: Ready,
  measured: Measured,
  { sizes, readingSeconds, keep, onProgress }: MeasureOptions,
): Promise<void> {
  onProgress(`${base.size}: 200 clients read beside loads`);
  const saved = await saveState(base);
  await fillReading(base);
  let loads = 0;
  const { reads, ...reading } = await readBeside(base, readingSeconds, async (end) => {
    for (; !end.aborted; loads += 1) {
      await landHour(base, sizes.hour, `transactions/read-${loads}.jsonl`);
      if (!end.aborted) await weirHour(base, expected(sizes.hour));
    }
  });
  onProgress(`${reads} reads beside ${loads} loads`);
  measured.reading = reading;
  if (!keep) return; // It is dropped.
  await clearHours(base);
  await restoreState(base, saved);
}
