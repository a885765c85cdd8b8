import { momentBuckets } from '../../charts/moment-buckets.ts';
import { observedLine } from '../../charts/observed-line.ts';
import { strip } from '../../charts/strip.ts';
import type { Part } from '../../html.ts';
import { figure } from '../../parts/figure.ts';
import type { JudgedPromise } from '../../read/judged-promises.ts';
import type { Bucket } from '../../read/promise-history.ts';
import { verdictLinks } from '../../verdict-links.ts';
import type { AboutRun } from './about-run.ts';

/** Fewer points are no line. */
const FEWEST = 3;

/** How a promise did until this verdict: a shape for each gate run, and its numbers as a line against their bounds. */
export function pastPart(
  about: AboutRun,
  one: JudgedPromise,
  { withLine, withStrip }: { readonly withLine: boolean; readonly withStrip: boolean },
): Part {
  const { past } = one;
  if (past.length === 0 || !withStrip) return null;
  return [
    strip(past, { now: about.site.at, href: verdictLinks(about.site, about.to) }),
    withLine ? linePart(one, momentBuckets(past)) : null,
  ];
}

function linePart({ asked, words }: JudgedPromise, points: readonly Bucket[]): Part {
  const [first, last] = [points[0], points.at(-1)];
  const unit = asked?.unit ?? null;
  if (unit === null || first === undefined || last === undefined || points.length < FEWEST) return null;
  const title = unit === 'share' ? 'Share of rows that keep it' : 'What was observed';
  const options = { title: `${title}: ${words}`, unit, from: first.from, to: last.to };
  const drawing = observedLine(points, options);
  return drawing === null
    ? null
    : figure({ title, drawing, note: `the last ${points.length} gate runs, until this one` });
}
