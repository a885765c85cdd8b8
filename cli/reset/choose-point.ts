import { didYouMean } from '../../expectations/suggestion.ts';
import type { ResetPoint } from './points.ts';

/** The point that was meant, or why there is none. */
export type Chosen = { readonly point: ResetPoint } | { readonly problem: string };

/**
 * Finds the point that somebody names: by the beginning of its summary, whole words before parts of them, or by its
 * event. Of a step that was done more than once, the last: nothing that came before is done again.
 */
export function choosePoint(points: readonly ResetPoint[], to: string): Chosen {
  const named = to.trim();
  if (/^\d+$/.test(named)) return byEvent(points, Number(named));
  const whole = points.filter(({ summary }) => summary === named || summary.startsWith(`${named} `));
  const found = whole.length > 0 ? whole : points.filter(({ summary }) => summary.startsWith(named));
  const [first, ...others] = new Set(found.map(({ step }) => step.split(' · ')[0] ?? step));
  const point = found.at(-1);
  if (first === undefined || point === undefined) return { problem: noStep(points, named) };
  if (others.length > 0)
    return { problem: `"${named}" fits ${[first, ...others].join(', ')}: name one of them` };
  return { point };
}

function byEvent(points: readonly ResetPoint[], eventId: number): Chosen {
  const point = points.find((one) => one.eventId === eventId);
  return point === undefined ? { problem: `no step begins at event ${eventId}` } : { point };
}

function noStep(points: readonly ResetPoint[], named: string): string {
  const steps = points.map(({ step }) => step);
  return `it has no step "${named}". ${didYouMean(named, steps)}`.trim();
}

/** Each step once, as it was done last; in the order of the history. */
export function latestPoints(points: readonly ResetPoint[]): readonly ResetPoint[] {
  return points.filter((point, index) => !points.slice(index + 1).some(({ step }) => step === point.step));
}
