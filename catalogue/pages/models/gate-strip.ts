import { html } from '../../html.ts';
import type { Html } from '../../html.ts';
import { countText } from '../../parts/texts.ts';
import { GATE_DAYS } from '../../read/gate-days.ts';
import type { GateDay } from '../../read/gate-days.ts';

const DAY_MS = 86_400_000;
const [CELL, GAP, HEIGHT] = [7, 2, 22];

/** A cell a day, oldest left: its colour and its height are those of the day's loudest verdict. */
export function gateStrip(days: readonly GateDay[], at: Date, label: string): Html {
  const known = new Map(days.map((day) => [day.day, day]));
  const today = Math.floor(at.getTime() / DAY_MS);
  const shown = Array.from({ length: GATE_DAYS }, (_, place) =>
    new Date((today - GATE_DAYS + 1 + place) * DAY_MS).toISOString().slice(0, 10),
  );
  const width = GATE_DAYS * (CELL + GAP) - GAP;
  return html`<svg
    class="day-strip"
    viewBox="0 0 ${width} ${HEIGHT}"
    width="${width}"
    height="${HEIGHT}"
    role="img"
    aria-label="${label}: ${summary(days)}"
  >
    ${shown.map((day, place) => cell(known.get(day), day, place))}
  </svg>`;
}

const heights = { pass: 10, warn: 14, fail: 22, error: 22 } as const;

function cell(found: GateDay | undefined, day: string, place: number): Html {
  const x = place * (CELL + GAP);
  if (found === undefined)
    return html`<rect x="${x}" y="${HEIGHT - 2}" width="${CELL}" height="2" class="nothing"
      ><title>${day}: not asked</title></rect
    >`;
  const height = heights[found.worst];
  return html`<rect x="${x}" y="${HEIGHT - height}" width="${CELL}" height="${height}" class="${found.worst}"
    ><title>${dayWords(found)}</title></rect
  >`;
}

function dayWords({ day, evaluations, blocked, worst }: GateDay): string {
  const held = blocked === 0 ? '' : `, ${blocked} held back`;
  return `${day}: ${countText(evaluations, 'verdict', 'verdicts')}${held}, loudest ${worst}`;
}

function summary(days: readonly GateDay[]): string {
  const bad = days.filter(({ worst }) => worst === 'fail' || worst === 'error');
  const asked = countText(days.length, 'day', 'days');
  return bad.length === 0
    ? `asked on ${asked}, none failed`
    : `asked on ${asked}, failed on ${bad.map(({ day }) => day).join(', ')}`;
}
