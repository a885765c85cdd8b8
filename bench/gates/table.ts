import { handWritten, inRun, inTemporal, peerNames, secondsOf, weir } from './rows.ts';
import type { Phase, Row } from './rows.ts';

/** The bench as people read it: ratios with their aims, then the seconds behind them. Lower is better throughout. */
export function tableText(rows: readonly Row[], phases: readonly Phase[]): string {
  const ratios = [
    ['', 'Weir', 'aim', '', ...peerNames],
    ...rows.map((row) => [
      row.name,
      figure(row.value, row.unit),
      row.aim === null ? '' : String(row.aim),
      verdict(row),
      ...peerNames.map((peer) => (Object.hasOwn(row.peers, peer) ? figure(row.peers[peer], row.unit) : '')),
    ]),
  ];
  const contestants = [handWritten, weir, inRun, inTemporal, ...peerNames];
  const times = [
    ['median seconds', ...contestants],
    ...phases.map((phase) => [
      `${phase.size}, ${phase.indexed}`,
      ...secondsOf(phase, contestants).map((seconds) => figure(seconds, 's')),
    ]),
  ];
  return `${aligned(ratios)}\n\n${aligned(times)}\n`;
}

function figure(value: number | null | undefined, unit: Row['unit']): string {
  if (value === null || value === undefined) return '–';
  return unit === 's' ? `${value.toFixed(2)} s` : value.toFixed(2);
}

function verdict({ value, aim }: Row): string {
  if (aim === null) return '';
  if (value === null) return 'not measured';
  return value <= aim ? 'holds' : 'MISSED';
}

/** The first column to the left, all others to the right. */
function aligned(lines: readonly (readonly string[])[]): string {
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
