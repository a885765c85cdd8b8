import { dbt, gxBoolean, gxSummary, soda } from '../peers/tools.ts';
import { ratio } from './ratios.ts';
import type { Round } from './ratios.ts';

/** What `--json` prints of each row. Lower is better. */
export interface Row {
  readonly name: string;
  /** Null where it was not, or could not be, measured. */
  readonly value: number | null;
  readonly unit: 'ratio' | 's';
  /** What the value must not exceed; null where none was set. */
  readonly aim: number | null;
  /** The same figure of the others, by tool. */
  readonly peers: Readonly<Record<string, number | null>>;
}

/** Names of those that take part, as the table and the JSON show them. */
export const weir = 'Weir';
export const handWritten = 'hand-written';
export const inRun = 'Weir, gate inside a run';
export const inTemporal = 'Weir, gate inside a run, by Temporal';

/** The others, in the order in which they are shown. */
export const peerNames: readonly string[] = [gxSummary, gxBoolean, soda, dbt];

/** Whether the table has a unique index on transaction_id. */
export type Indexed = 'no index' | 'unique index';

/** What was measured on one table. */
export interface Phase {
  /** `1M` and the like. */
  readonly size: string;
  readonly indexed: Indexed;
  readonly rounds: readonly Round[];
}

/** Seconds from starting the process to being ready to check, by tool. */
export type StartUps = ReadonlyMap<string, number>;

interface Planned {
  readonly size: string;
  readonly indexed: Indexed;
  readonly of: string;
  readonly over: string;
  readonly aim: number | null;
}

/** The rows and aims, in its order. */
const planned: readonly Planned[] = [
  { size: '1M', indexed: 'no index', of: weir, over: handWritten, aim: 1.2 },
  { size: '10M', indexed: 'no index', of: weir, over: handWritten, aim: 1 },
  { size: '10M', indexed: 'no index', of: weir, over: soda, aim: 1 },
  { size: '1M', indexed: 'unique index', of: weir, over: handWritten, aim: 0.55 },
  { size: '10M', indexed: 'unique index', of: weir, over: handWritten, aim: 0.35 },
  { size: '1M', indexed: 'no index', of: weir, over: gxSummary, aim: 0.25 },
  { size: '1M', indexed: 'unique index', of: weir, over: gxSummary, aim: 0.125 },
  { size: '1M', indexed: 'no index', of: inRun, over: weir, aim: null },
  { size: '1M', indexed: 'no index', of: inTemporal, over: weir, aim: null },
];

/**
 * The rows of the bench: always every one that the issue lists, whatever was measured, then those of other sizes that
 * were asked for, and the start-up of each tool.
 */
export function rowsOf(phases: readonly Phase[], startUps: StartUps): readonly Row[] {
  const listed = new Set(planned.map(({ size }) => size));
  const others = phases
    .filter(({ size }) => !listed.has(size))
    .map(({ size, indexed }) => ({ size, indexed, of: weir, over: handWritten, aim: null }));
  return [...[...planned, ...others].map((one) => rowOf(one, phases)), startUpRow(startUps)];
}

function rowOf({ size, indexed, of, over, aim }: Planned, phases: readonly Phase[]): Row {
  const rounds = phases.find((phase) => phase.size === size && phase.indexed === indexed)?.rounds ?? [];
  const peers = of === weir ? peerNames.filter((peer) => peer !== over) : [];
  return {
    name: `${size}, ${indexed}: ${of} / ${over}`,
    value: rounded(ratio(rounds, of, over)),
    unit: 'ratio',
    aim,
    peers: Object.fromEntries(peers.map((peer) => [peer, rounded(ratio(rounds, peer, over))])),
  };
}

function startUpRow(startUps: StartUps): Row {
  return {
    name: 'start-up, process started to ready to check',
    value: rounded(startUps.get(weir) ?? null),
    unit: 's',
    aim: null,
    peers: Object.fromEntries(peerNames.map((peer) => [peer, rounded(startUps.get(peer) ?? null)])),
  };
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000;
}
