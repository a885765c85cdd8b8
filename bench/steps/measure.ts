import { join, resolve } from 'node:path';
import { tenSteps } from './repository.ts';
import type { Part, StepsBenchOptions } from './options.ts';
import { measurePeer } from './peer.ts';
import type { Figures, Measured, PeerName } from './rows.ts';
import { openSite } from './site.ts';
import { measureBackfill } from './weir-backfill.ts';
import { startOnce } from './weir-ready.ts';
import { tenStepRuns, twentyRuns } from './weir-runs.ts';

/** The options, and where everything is kept. */
export interface MeasureOptions extends Pick<StepsBenchOptions, 'parts' | 'rounds' | 'hours'> {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
}

const peers: readonly { readonly part: Part; readonly name: PeerName }[] = [
  { part: 'temporal', name: 'Temporal bare' },
  { part: 'airflow', name: 'Airflow' },
  { part: 'dagster', name: 'Dagster' },
  { part: 'prefect', name: 'Prefect' },
];

/** Starts that count; one more goes before, in which clusters are made and bundles built. */
const STARTS = 3;

/** Measures what was asked for, one after the other; a part that breaks stops no other. */
export async function measure(measured: Measured, options: MeasureOptions): Promise<void> {
  const { parts, onProgress } = options;
  const home = resolve(options.home, 'bench-steps');
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    await work().catch((error: unknown) => {
      measured.missing.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    });
  };
  measured.notes.push(
    `The ten steps of Weir: ${tenSteps.join(', ')}; one row goes all the way. Those of the others do nothing.`,
  );
  if (parts.has('ready')) await attempt('ready and idle', () => measureReady(measured, home, onProgress));
  if (parts.has('runs') || parts.has('backfill'))
    await attempt('runs and backfill', () => measureWork(measured, home, options, attempt));
  for (const { part, name } of peers) {
    if (!parts.has(part)) continue;
    onProgress(`${name}: begins`);
    await attempt(name, () =>
      measurePeer(part, options, (figure, value) => {
        onProgress(`${name}: ${figure} ${value.toFixed(2)}`);
        const figures: Figures = measured.peers.get(name) ?? {};
        measured.peers.set(name, { ...figures, [figure]: [...(figures[figure] ?? []), value] });
      }),
    );
  }
}

async function measureReady(
  { weir, notes }: Measured,
  home: string,
  onProgress: (line: string) => void,
): Promise<void> {
  const first = await startOnce(home, onProgress);
  const started = [];
  for (let start = 0; start < STARTS; start += 1) started.push(await startOnce(home, onProgress));
  weir.ready = started.map(({ ready }) => ready);
  weir.idle = started.map(({ idle }) => idle);
  notes.push(
    `The start before those that count took ${first.ready.toFixed(1)} s; the first of all makes a cluster.`,
  );
}

async function measureWork(
  measured: Measured,
  home: string,
  { parts, rounds, hours, onProgress }: MeasureOptions,
  attempt: (what: string, work: () => Promise<void>) => Promise<void>,
): Promise<void> {
  onProgress('Weir starts');
  const site = await openSite(join(home), onProgress);
  try {
    if (parts.has('runs'))
      await attempt('runs', async () => {
        measured.weir.tenSteps = await tenStepRuns(site, rounds);
        onProgress(`ten steps: ${textOf(measured.weir.tenSteps)}`);
        measured.weir.twentyRuns = await twentyRuns(site, Math.min(rounds, 5));
        onProgress(`20 runs: ${textOf(measured.weir.twentyRuns)}`);
      });
    if (parts.has('backfill'))
      await attempt('backfill', async () => {
        measured.backfill = { hours, milliseconds: await measureBackfill(site, hours, onProgress) };
        onProgress(`backfill: ${measured.backfill.milliseconds.toFixed(1)} ms an hour`);
      });
  } finally {
    await site.close();
  }
}

function textOf(values: readonly number[]): string {
  return values.map((value) => value.toFixed(2)).join(' ');
}
