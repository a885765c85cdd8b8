import { aligned, figure, verdict } from '../gates/table.ts';
import { peerNames } from './rows.ts';
import type { Measured, Row } from './rows.ts';

/** The bench as people read it: rows with their aims, what the others took, and that as a multiple of Weir's. */
export function tableText(rows: readonly Row[], { notes }: Pick<Measured, 'notes'>): string {
  const lines = [
    ['', 'Weir', 'unit', 'aim', '', ...peerNames],
    ...rows.map((row) => [
      row.name,
      figure(row.value, digits(row)),
      row.unit,
      row.aim === null ? '' : String(row.aim),
      verdict(row),
      ...peerNames.map((name) => beside(row, row.peers[name])),
    ]),
  ];
  return `${aligned(lines)}\n\n${notes.map((note) => `${note}\n`).join('')}`;
}

function digits({ unit }: Row): number {
  return unit === 's' ? 2 : 0;
}

/** `13.30 (37 x)`: the figure, and how many times Weir's it is. */
function beside(row: Row, value: number | null | undefined): string {
  if (value === null || value === undefined) return Object.keys(row.peers).length === 0 ? '' : '–';
  const times = row.value === null || row.value === 0 ? '' : ` (${timesText(value / row.value)} x)`;
  return `${figure(value, digits(row))}${times}`;
}

function timesText(ratio: number): string {
  return ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0);
}
