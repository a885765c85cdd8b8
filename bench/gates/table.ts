import { medianSeconds } from './ratios.ts';
import { handWritten, inRun, inTemporal, peerNames, weir } from './rows.ts';
import type { Phase, Row, StartUps } from './rows.ts';

/**
 * The bench as people read it: ratios with their aims, then the seconds behind them, start-up in a column of its own.
 * Lower is better throughout.
 */
export function tableText(rows: readonly Row[], phases: readonly Phase[], startUps: StartUps): string {
  const ratios = [
    ['', 'Weir', 'aim', '', ...peerNames],
    ...rows
      .filter(({ unit }) => unit === 'ratio')
      .map((row) => [
        row.name,
        figure(row.value, 2),
        row.aim === null ? '' : String(row.aim),
        verdict(row),
        ...peerNames.map((peer) => (Object.hasOwn(row.peers, peer) ? figure(row.peers[peer], 2) : '')),
      ]),
  ];
  const times = [
    ['seconds, medians', ...phases.map(({ size, indexed }) => `${size}, ${indexed}`), 'start-up'],
    ...[handWritten, weir, inRun, inTemporal, ...peerNames].map((name) => [
      name,
      ...phases.map(({ rounds }) => figure(medianSeconds(rounds, name), 3)),
      startUps.has(name) ? figure(startUps.get(name), 3) : '',
    ]),
  ];
  return `${aligned(ratios)}\n\n${aligned(times)}\n`;
}

/** A figure with so many digits; a dash where there is none. */
export function figure(value: number | null | undefined, digits: number): string {
  return value === null || value === undefined ? '–' : value.toFixed(digits);
}

/** Whether a row keeps its aim. */
export function verdict({ value, aim }: Pick<Row, 'value' | 'aim'>): string {
  if (aim === null) return '';
  if (value === null) return 'not measured';
  return value <= aim ? 'holds' : 'MISSED';
}

/** The first column to the left, all others to the right. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, place) =>
    Math.max(...lines.map((line) => line[place]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, place) =>
          place === 0 ? cell.padEnd(widths[place] ?? 0) : cell.padStart(widths[place] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
