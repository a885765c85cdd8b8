import type { Outcome } from '../../expectations/verdict.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import type { ModelState } from '../read/model-states.ts';

/** What has a colour and a shape of its own; `waiting` is behind a held model. */
export type Marked = ModelState | Outcome | 'waiting';

interface Look {
  readonly word: string;
  /** In a box of 16 by 16, filled with the mark's colour. */
  readonly shape: Html;
}

const DISC = html`<circle cx="8" cy="8" r="6.5" />`;
const CROSS = html`<path
  d="M3.2 1.4 8 6.2l4.8-4.8 1.8 1.8L9.8 8l4.8 4.8-1.8 1.8L8 9.8l-4.8 4.8-1.8-1.8L6.2 8 1.4 3.2z"
/>`;
const TICK = html`<path class="cut" d="m4.6 8.3 2.4 2.4 4.4-5" />`;

/** No two have the same outline, so that each can be told without its colour. */
const looks: Readonly<Record<Marked, Look>> = {
  fresh: { word: 'fresh', shape: DISC },
  late: { word: 'late', shape: html`<path d="M8 1.2 15.2 14.4H.8z" />` },
  held: {
    word: 'held',
    shape: html`<path d="M1.5 1.5h13v13h-13z" /><path class="cut" d="M6 4.8v6.4M10 4.8v6.4" />`,
  },
  failed: { word: 'failed', shape: CROSS },
  never: { word: 'never run', shape: html`<circle class="hollow" cx="8" cy="8" r="5.5" />` },
  waiting: { word: 'waiting', shape: html`<path class="hollow" d="M8 1.8 14.2 8 8 14.2 1.8 8z" />` },
  pass: { word: 'pass', shape: html`${DISC}${TICK}` },
  warn: {
    word: 'warn',
    shape: html`<path d="M8 1.2 15.2 14.4H.8z" /><path class="cut" d="M8 6v4M8 12.1v.2" />`,
  },
  fail: {
    word: 'fail',
    shape: html`<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" /><path
        class="cut"
        d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8"
      />`,
  },
  error: {
    word: 'error',
    shape: html`<path d="M8 .8 15.2 8 8 15.2.8 8z" /><path
        class="cut"
        d="M6.4 6.3a1.7 1.7 0 1 1 2.3 1.8c-.5.2-.7.5-.7 1M8 11.2v.2"
      />`,
  },
};

/** What a mark is called: `never run`. */
export function markWord(marked: Marked): string {
  return looks[marked].word;
}

/** The shape alone, its word as its title. */
export function markShape(marked: Marked): Html {
  const { word, shape } = looks[marked];
  return html`<svg
    class="shape ${marked}"
    viewBox="0 0 16 16"
    width="14"
    height="14"
    role="img"
    aria-label="${word}"
  >
    <title>${word}</title>
    ${shape}
  </svg>`;
}

/** How a model stands, by colour, shape and word. */
export function stateMark(state: ModelState | 'waiting'): Html {
  return mark(state);
}

/** How a gate ended, by colour, shape and word. */
export function outcomeMark(outcome: Outcome): Html {
  return mark(outcome);
}

function mark(marked: Marked): Html {
  const { word, shape } = looks[marked];
  return html`<span class="mark ${marked}"
    ><svg class="shape ${marked}" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">${shape}</svg
    >${word}</span
  >`;
}
