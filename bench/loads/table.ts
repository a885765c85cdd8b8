import { medianSeconds } from '../gates/ratios.ts';
import { aligned, figure, verdict } from '../gates/table.ts';
import { sizeName } from './options.ts';
import type { Sizes } from './options.ts';
import { contestants, dbt, figureOf, models } from './rows.ts';
import type { Measured, Row } from './rows.ts';

/** The bench as people read it: rows with their aims, then the seconds behind the ratios. Lower is better throughout. */
export function tableText(rows: readonly Row[], { rounds, peakLanding }: Measured, sizes: Sizes): string {
  const lines = [
    ['', 'Weir', 'unit', 'aim', '', dbt],
    ...rows.map((row) => [
      row.name,
      figure(row.value, row.unit === 'ratio' ? 2 : 1),
      row.unit,
      row.aim === null ? '' : String(row.aim),
      verdict(row),
      Object.hasOwn(row.peers, dbt) ? figure(row.peers[dbt], 2) : '',
    ]),
  ];
  const bases = [sizeName(sizes.small), sizeName(sizes.large)];
  const times = [
    ['seconds, medians', ...bases.flatMap((size) => models.map((model) => `${size}, ${model}`))],
    ...contestants.map((who) => [
      who,
      ...bases.flatMap((size) =>
        models.map((model) => figure(medianSeconds(rounds, figureOf(who, model, size)), 2)),
      ),
    ]),
  ];
  const landing = peakLanding === null ? '' : `\nlanding the peak hour, apart: ${peakLanding.toFixed(1)} s\n`;
  return `${aligned(lines)}\n\n${aligned(times)}\n${landing}`;
}
