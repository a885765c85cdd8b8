import { createColors } from 'picocolors';
import type { Colors } from 'picocolors/types.js';

/** Where the story is told: `process.stdout`, or anything that takes text. */
export interface Output {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean | undefined;
}

/** How an hour's run ended, as a mark on its day's line. */
export type HourMark = 'published' | 'empty' | 'held' | 'left';

/** A day of hours on one line: marks are appended as runs end. */
export interface HourLine {
  readonly mark: (mark: HourMark) => void;
  /** Ends the line with the time it took. Nothing more may be marked. */
  readonly end: (note?: string) => void;
}

/** Tells the story as it happens. Everything is plain text that scrolls; nothing is ever drawn over. */
export interface Narrator {
  readonly colors: Colors;
  /** Begins a step, and says how long the one before took. */
  readonly step: (number: number, title: string) => void;
  readonly say: (text: string) => void;
  /** A wait that is worth telling: what for, then how long it took. */
  readonly during: <Result>(what: string, wait: () => Promise<Result>) => Promise<Result>;
  readonly hours: (label: string) => HourLine;
  /** A block of text as it is, such as claims or a table. */
  readonly block: (text: string) => void;
  /** Ends the story: how long the last step took, and all of it. */
  readonly end: () => void;
}

/** What each mark means; told once above the first line of hours. */
const MARKS: Readonly<Record<HourMark, { readonly sign: string; readonly meaning: string }>> = {
  published: { sign: '▪', meaning: 'published' },
  empty: { sign: '·', meaning: 'no basket: an empty window' },
  held: { sign: '✗', meaning: 'held' },
  left: { sign: '○', meaning: 'left what is held, published the rest' },
};

/** What the narrator takes from outside, so that it can be told the time and the terminal in a test. */
export interface NarratorOptions {
  readonly output: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that only go forward; its zero does not matter. */
  readonly nowMs: () => number;
}

/**
 * Colour only where a terminal reads it: not into a pipe, and never against `NO_COLOR`; `FORCE_COLOR` asks for it.
 *
 * @see https://no-color.org (any value but the empty one counts)
 */
export function wantsColor({ output, env }: Pick<NarratorOptions, 'output' | 'env'>): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return output.isTTY === true && env['TERM'] !== 'dumb';
}

/** Makes a narrator. Times are measured, never promised. */
export function createNarrator(options: NarratorOptions): Narrator {
  const { output, nowMs } = options;
  const colors = createColors(wantsColor(options));
  const line = (text: string) => void output.write(`${text}\n`);
  const startedMs = nowMs();
  let stepMs: number | null = null;
  let isLegendTold = false;
  const endStep = () => {
    if (stepMs !== null) line(colors.dim(`  (${durationText(nowMs() - stepMs)})`));
  };
  return {
    colors,
    step: (number, title) => {
      endStep();
      stepMs = nowMs();
      line(`\n${colors.bold(colors.cyan(`${number}. ${title}`))}`);
    },
    say: (text) => line(`  ${text}`),
    during: async (what, wait) => {
      output.write(`  ${what} … `);
      const sinceMs = nowMs();
      try {
        const result = await wait();
        line(colors.dim(durationText(nowMs() - sinceMs)));
        return result;
      } catch (error) {
        line(colors.red(`failed after ${durationText(nowMs() - sinceMs)}`));
        throw error;
      }
    },
    hours: (label) => {
      if (!isLegendTold) line(colors.dim(`  ${legend()}`));
      isLegendTold = true;
      return hourLine(label, { output, nowMs, colors });
    },
    block: (text) => line(text),
    end: () => {
      endStep();
      line(`\nThe story took ${durationText(nowMs() - startedMs)}.`);
    },
  };
}

function hourLine(
  label: string,
  { output, nowMs, colors }: Pick<NarratorOptions, 'output' | 'nowMs'> & { readonly colors: Colors },
): HourLine {
  const sinceMs = nowMs();
  const paint = { published: colors.green, empty: colors.dim, held: colors.red, left: colors.yellow };
  output.write(`  ${label} `);
  return {
    mark: (mark) => void output.write(paint[mark](MARKS[mark].sign)),
    end: (note) => {
      const told = note === undefined ? '' : ` ${note}`;
      output.write(`${told} ${colors.dim(`(${durationText(nowMs() - sinceMs)})`)}\n`);
    },
  };
}

function legend(): string {
  return Object.values(MARKS)
    .map(({ sign, meaning }) => `${sign} ${meaning}`)
    .join('   ');
}

/** `0.4 s`, `42 s`, `3 min 5 s`: as exact as it matters. */
export function durationText(ms: number): string {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
